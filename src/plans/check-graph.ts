import type { Registry } from "../ports.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Draft, DraftRunbook, DraftStep } from "./draft.ts";
import type { Finding } from "./problem.ts";

/** The order of steps: that it exists, and that nothing dangerous can come too early. */
export function graphFindings(draft: Draft, registry: Registry): Finding[] {
  return draft.runbooks.flatMap((runbook) => [
    ...idFindings(runbook),
    ...needFindings(runbook),
    ...cycleFindings(runbook),
    ...orderFindings(runbook, registry),
  ]);
}

function idFindings({ steps }: DraftRunbook): Finding[] {
  const seen = new Set<string>();
  return steps.flatMap(({ id, path }): Finding[] => {
    if (id === undefined) return [];
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `the step id ${id} is used twice in this runbook`;
    return [{ path: [...path, "id"], message, hint: "Give one of the steps another id; needs and retries go by it." }];
  });
}

function needFindings({ steps }: DraftRunbook): Finding[] {
  const ids = steps.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return steps.flatMap((step) =>
    step.needs.flatMap((need, index): Finding[] => {
      if (ids.includes(need)) return [];
      const message = `step ${step.id ?? ""} needs ${need}, which is not a step of this runbook`;
      return [{ path: [...step.path, "needs", index], message, hint: didYouMean(need, ids, "Its steps are") }];
    }),
  );
}

/** Of two steps with one id the first counts, so that a doubled id makes no second mistake elsewhere. */
function byId(steps: DraftStep[]): Map<string, DraftStep> {
  return new Map(steps.toReversed().flatMap((step) => (step.id === undefined ? [] : [[step.id, step]])));
}

function cycleFindings({ steps }: DraftRunbook): Finding[] {
  const known = byId(steps);
  const done = new Set<string>();
  const findings: Finding[] = [];
  const follow = (id: string, trail: string[]) => {
    const start = trail.indexOf(id);
    if (start >= 0) {
      const cycle = [...trail.slice(start), id].join(" → ");
      const path = [...(known.get(id)?.path ?? []), "needs"];
      findings.push({
        path,
        message: `these steps wait for each other for ever: ${cycle}`,
        hint: "Remove one of these needs.",
      });
      return;
    }
    if (done.has(id)) return;
    for (const need of known.get(id)?.needs ?? []) follow(need, [...trail, id]);
    done.add(id);
  };
  for (const id of known.keys()) follow(id, []);
  return findings;
}

/** Every step that must be done before this one, the needs of needs included; `undefined` for one that is not there. */
function allNeeds(step: DraftStep, known: Map<string, DraftStep>): (DraftStep | undefined)[] {
  const found = new Set<DraftStep | undefined>();
  const waiting = [...step.needs];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const need = known.get(id);
    if (found.has(need)) continue;
    found.add(need);
    waiting.push(...(need?.needs ?? []));
  }
  return [...found];
}

function orderFindings({ steps }: DraftRunbook, registry: Registry): Finding[] {
  const known = byId(steps);
  const effectOf = (step: DraftStep | undefined) => registry.actions.get(step?.uses ?? "")?.effect;
  return steps.flatMap((step) => {
    const findings: Finding[] = [];
    const name = step.id ?? step.uses ?? "";
    if (effectOf(step) === "promotion") {
      // A step or action that nobody knows may have been meant as the fence: it has its own problem already.
      const before = allNeeds(step, known);
      const fenced = before.some((need) => effectOf(need) === "fence" || effectOf(need) === undefined);
      if (!fenced) {
        const hint =
          "Let it need a step with a fence, such as redis.fence-primary on the source; else two primaries may take writes.";
        findings.push({ path: [...step.path, "needs"], message: `${name} promotes with no fence before it`, hint });
      }
      if (!step.pointOfNoReturn) {
        const hint = "Write pointOfNoReturn: true, so that people see it; the way back is a failback.";
        findings.push({
          path: step.path,
          message: `${name} promotes, and is not marked as the point of no return`,
          hint,
        });
      }
    }
    if (step.prepare) findings.push(...prepareFindings(step, name, effectOf(step), known));
    return findings;
  });
}

function prepareFindings(
  step: DraftStep,
  name: string,
  effect: string | undefined,
  known: Map<string, DraftStep>,
): Finding[] {
  const findings: Finding[] = [];
  const path = [...step.path, "prepare"];
  const tooEarly = effect === "fence" || effect === "promotion" || effect === "follower" || effect === "traffic";
  if (tooEarly || step.pointOfNoReturn) {
    const why = tooEarly
      ? `its action is a ${effect === "traffic" ? "traffic change" : effect}`
      : "it is a point of no return";
    const message = `${name} cannot be a prepare step: ${why}`;
    findings.push({
      path,
      message,
      hint: "Prepare steps run before anybody has approved; they must be reversible and unseen by users.",
    });
  }
  for (const need of step.needs) {
    const other = known.get(need);
    if (!other || other.prepare) continue;
    const message = `${name} is a prepare step and needs ${need}, which is not`;
    findings.push({ path, message, hint: `Mark ${need} as prepare too, or let ${name} wait for the approval.` });
  }
  return findings;
}
