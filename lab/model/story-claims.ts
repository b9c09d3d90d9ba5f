import type { Reading, Told } from "./reading.ts";

/** A claim without its section. `weight` says what is left out first when a section is full. */
export interface Line {
  kind: "fact" | "hypothesis" | "action";
  eventIds: string[];
  text: string;
  weight: number;
  against?: string[];
  type?: string;
  priority?: string;
}

export const isDown = ({ kind, sentence }: Told) => kind === "verdict.changed" && / to down\b/.test(sentence);
export const isWell = ({ kind, sentence }: Told) =>
  kind === "verdict.changed" && / from (?:down|degraded) to healthy\b/.test(sentence);
export const isLost = ({ kind, sentence }: Told) => kind === "availability.changed" && /does not answer/.test(sentence);
export const isBack = ({ kind, sentence }: Told) => kind === "availability.changed" && / answers /.test(sentence);
/** Whose run it is can be read off its sentence only. */
export const runOf = ({ sentence }: Told) => /\b(run-\d+)\b/.exec(sentence)?.[1];

const fact = (weight: number, text: string, ...eventIds: string[]): Line => ({ kind: "fact", eventIds, text, weight });

/** What happened, as somebody tells it who has read the events: one sentence for each turn. */
export function storyLines({ facts }: Reading): Line[] {
  return facts.flatMap((told) => lineOf(told, facts));
}

function lineOf(told: Told, facts: readonly Told[]): Line[] {
  const { id, kind, sentence, fields } = told;
  const same = (wanted: string) => facts.findLast((one) => one.kind === wanted && runOf(one) === runOf(told));
  // What comes again and again is told once; the others are left out first.
  const first = facts.find(isDown)?.id === id;
  if (isDown(told))
    return [fact(first ? 9 : 1, `{{${id}.region}} stopped answering its probes at {{${id}.since}}.`, id)];
  if (isWell(told))
    return [
      fact(facts.filter(isWell).length > 3 ? 1 : 5, `{{${id}.region}} was healthy again from {{${id}.since}} on.`, id),
    ];
  if (isLost(told) && fields.includes("lastGood"))
    return [fact(6, `Clients had their last good answer of {{${id}.service}} at {{${id}.lastGood}}.`, id)];
  if (isBack(told)) return [fact(7, `{{${id}.service}} answered clients again at {{${id}.firstGood}}.`, id)];
  switch (kind) {
    case "incident.opened":
      return [
        fact(9, `An incident of severity {{${id}.severity}} was opened for {{${id}.region}} at {{${id}.at}}.`, id),
      ];
    case "run.proposed": {
      // What went on without people, and went through, is told at its end.
      if (same("approval.decided") === undefined && same("run.completed") !== undefined) return [];
      const way = `from {{${id}.source}} to {{${id}.target}}`;
      return [fact(8, `A {{${id}.runbook}} ${way} was proposed because of this: {{${id}.reason}}.`, id)];
    }
    case "approval.decided": {
      const asked = same("approval.requested");
      if (same(kind)?.id !== id || !asked || !/ approved /.test(sentence)) return [];
      const text = `People approved {{${id}.approval}} at {{${id}.at}}, {{duration ${asked.id} ${id}}} after they were asked to decide.`;
      return [fact(7, text, asked.id, id)];
    }
    case "step.accepted":
      return [fact(4, `The step {{${id}.step}} could not be verified: {{${id}.reason}}.`, id)];
    case "step.failed":
      return [fact(4, `The step {{${id}.step}} failed at {{${id}.at}}: {{${id}.error}}.`, id)];
    case "step.verified":
      return [fact(7, `The copy in {{${id}.target}} took over at {{${id}.at}}.`, id)];
    case "run.completed": {
      const proposed = same("run.proposed");
      if (!proposed) return [fact(8, `The {{${id}.runbook}} completed at {{${id}.at}}.`, id)];
      const text = `The {{${id}.runbook}} completed {{duration ${proposed.id} ${id}}} after it was proposed.`;
      return [fact(8, text, proposed.id, id)];
    }
    case "run.aborted":
      return [fact(8, `The {{${id}.runbook}} was aborted at {{${id}.at}}: {{${id}.reason}}.`, id)];
    case "quarantine.lifted":
      return [fact(3, `{{${id}.region}} left quarantine at {{${id}.at}}.`, id)];
    case "incident.resolved": {
      const opened = facts.find((one) => one.kind === "incident.opened");
      if (!opened) return [fact(9, `The incident was resolved at {{${id}.at}}.`, id)];
      return [fact(9, `The incident was resolved {{duration ${opened.id} ${id}}} after it was opened.`, opened.id, id)];
    }
    default:
      return [];
  }
}
