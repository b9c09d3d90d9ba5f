import type { Reading, Told } from "./reading.ts";
import { isBack, isDown, isLost, isWell, type Line, runOf } from "./story-claims.ts";

/** What can be concluded from the events, by the section that it belongs to. */
export function lessonLines(section: string, { facts }: Reading): Line[] {
  return (lessons[section] ?? (() => []))(facts);
}

type Facts = readonly Told[];
const ids = (...facts: (Told | undefined)[]) => facts.flatMap((one) => (one ? [one.id] : []));

const supposed = (text: string, eventIds: string[], against: string[]): Line[] =>
  eventIds.length === 0 ? [] : [{ kind: "hypothesis", text, eventIds, against, weight: 5 }];
const said = (text: string, ...eventIds: string[]): Line[] => [{ kind: "fact", text, eventIds, weight: 5 }];
const wanted = (text: string, id: string, type: string, priority: string): Line[] => [
  { kind: "action", text, eventIds: [id], type, priority, weight: 5 },
];

const lessons: Record<string, (facts: Facts) => Line[]> = {
  "root-cause": (facts) => {
    const [down, well, lost] = [facts.find(isDown), facts.find(isWell), facts.find(isLost)];
    const refused = /refused/.test(down?.sentence ?? "");
    const whole = refused
      ? "The processes of the whole region may have ended, since nothing took connections there."
      : "The region may have been cut off or frozen as a whole, since nothing answered there.";
    return [
      ...supposed(whole, ids(down), []),
      ...supposed("A single service may have failed rather than the region.", ids(lost), ids(down)),
      ...supposed("The trouble may have been one that passes by itself.", ids(well), []),
    ];
  },
  "contributing-factors": (facts) => {
    const failed = facts.find(({ kind }) => kind === "step.failed");
    const asked = facts.find(({ kind }) => kind === "approval.requested");
    const decided = facts.findLast((one) => one.kind === "approval.decided" && asked && runOf(one) === runOf(asked));
    const back = facts.find(isBack);
    return [
      ...supposed("The step that failed at first may have made the outage longer.", ids(failed), ids(back)),
      ...supposed("The wait for a decision may have made the outage longer.", ids(asked, decided), []),
    ];
  },
  "went-well": (facts) =>
    facts
      .filter(({ kind }) => kind === "quarantine.started")
      .slice(0, 1)
      .flatMap(({ id }) =>
        said(
          `At {{${id}.at}} {{${id}.region}} was put under quarantine, which keeps traffic and promotions away from it.`,
          id,
        ),
      ),
  "went-wrong": (facts) => {
    const [down, well] = [facts.find(isDown), facts.find(isWell)];
    if (!down || !well) return [];
    const text = `{{${down.id}.region}} was down for {{duration ${down.id} ${well.id}}} before it was healthy again.`;
    return said(text, down.id, well.id);
  },
  lucky: () => [],
  "next-steps": (facts) => [
    ...facts
      .filter(isDown)
      .slice(0, 1)
      .flatMap(({ id }) => wanted(`Ask the provider what happened in {{${id}.region}}.`, id, "prevent", "P1")),
    ...facts
      .filter(({ kind }) => kind === "step.accepted")
      .slice(0, 1)
      .flatMap(({ id }) => wanted(`Look by other means whether {{${id}.step}} holds.`, id, "repair", "P1")),
  ],
  "action-items": (facts) => [
    ...facts
      .filter(isDown)
      .slice(0, 1)
      .flatMap(({ id }) =>
        wanted(
          `Ask the provider what happened in {{${id}.region}}, and keep the answer with this document.`,
          id,
          "prevent",
          "P1",
        ),
      ),
    ...facts
      .filter(({ kind }) => kind === "step.failed")
      .slice(0, 1)
      .flatMap(({ id }) =>
        wanted(
          `Watch what {{${id}.step}} depends on all the time, and not only when it is needed.`,
          id,
          "detect",
          "P2",
        ),
      ),
    ...facts
      .filter(({ kind }) => kind === "run.completed")
      .slice(0, 1)
      .flatMap(({ id }) =>
        wanted(
          `Rehearse the {{${id}.runbook}} every month, with people who have not done it before.`,
          id,
          "respond",
          "P2",
        ),
      ),
  ],
};
