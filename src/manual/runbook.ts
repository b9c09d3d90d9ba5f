import { AppError } from "../errors.ts";
import { duration } from "../format.ts";
import type { Plan, Runbook } from "../plans/plan.ts";
import { type ResolvedStep, resolveSteps } from "../plans/resolve.ts";
import type { Registry } from "../ports.ts";

/** A runbook for hands: Markdown with the vendors' commands, for the night on which Muster is not there. */
export interface ManualRunbook {
  /** `failover-us-east-1-to-eu-central.md` */
  name: string;
  text: string;
}

export interface ManualSubject {
  plan: Plan;
  runbook: Runbook;
  source: string;
  target: string;
}

/** Every runbook for every pair of regions that it may be run between. */
export function manualSubjects(plan: Plan): ManualSubject[] {
  const codes = Object.keys(plan.regions);
  return Object.values(plan.runbooks).flatMap((runbook) =>
    codes
      .flatMap((source) => codes.map((target) => ({ plan, runbook, source, target })))
      .filter(({ source, target }) => source !== target && (runbook.kind !== "failback" || target === plan.home)),
  );
}

/** What a person means by a runbook's name and perhaps a region. Throws AppError with what there is. */
export function manualSubject(plan: Plan, name: string, target: string | undefined): ManualSubject {
  const named = manualSubjects(plan).filter(({ runbook }) => runbook.name === name);
  const fits = named.filter((one) => target === undefined || one.target === target);
  // A failover begins at home unless home is where it goes.
  const found = fits.find(({ source }) => source === plan.home) ?? fits[0];
  if (found) return found;
  const books = Object.keys(plan.runbooks).join(", ");
  if (named.length === 0) {
    throw new AppError({ code: "not-found", summary: `The plan has no runbook "${name}".`, hint: `It has: ${books}.` });
  }
  const regions = [...new Set(named.map((one) => one.target))].join(", ");
  throw new AppError({
    code: "unknown-region",
    summary: `${name} does not go to "${target}".`,
    hint: `It goes to: ${regions}.`,
  });
}

/** Pure. Step by step in an order that the needs allow, each with what to type, what to look at, and what to see. */
export function manualRunbook({ plan, runbook, source, target }: ManualSubject, registry: Registry): ManualRunbook {
  const scope = { source, target, runId: "by-hand" };
  const steps = inOrder(resolveSteps(plan, runbook.name, scope, registry).filter(({ when }) => when));
  const head = [
    `# ${plan.application}: ${runbook.name} ${source} → ${target}, by hand`,
    "",
    `${runbook.summary}. Made from the plan ${plan.digest.slice(0, 12)}; compare it with \`dr status\` while Muster still answers.`,
    "",
    ...preface(runbook, source),
    "",
  ];
  const text = [...head, ...steps.flatMap((step, index) => section(step, index + 1, registry)), ...ending()].join("\n");
  return { name: `${runbook.name}-${source}-to-${target}.md`, text: `${text}\n` };
}

function preface({ kind, policy }: Runbook, source: string): string[] {
  const who = policy.approval === "required" ? `${policy.quorum} of ${policy.roles.join(" or ")}` : "nobody";
  return [
    "Before the first command:",
    "",
    "1. See that no instance of Muster works on this plan: stop all of them. Two hands on one wheel break it.",
    `2. Have the decision: the plan asks ${who}. Write down who decided, and when.`,
    kind === "failover"
      ? `3. See that ${source} is really gone for its users, from another network than yours.`
      : "3. See that the region that is to serve is healthy, from another network than yours.",
    "4. Write down the time at each step. `dr run --offline` does all of this for you where Muster can still start.",
  ];
}

function section(step: ResolvedStep, number: number, registry: Registry): string[] {
  const action = registry.actions.get(step.uses);
  const manual = action?.manual?.(step.with);
  const marks = [
    step.needs.length > 0 ? `after ${step.needs.join(", ")}` : "may begin at once",
    `within ${duration(step.timeoutMs)}`,
    ...(step.pointOfNoReturn ? ["**there is no way back from here**"] : []),
  ];
  const lines = [
    `## ${number}. ${step.name} (\`${step.id}\`)`,
    "",
    `${marks.join("; ")}. Action: \`${step.uses}\`.`,
    "",
  ];
  if (!manual) return [...lines, "This version knows no commands for it: look at the step in the plan.", ""];
  return [
    ...lines,
    ...(manual.run.length > 0 ? fenced(manual.run) : ["Nothing to change, only to look at.", ""]),
    "Check:",
    "",
    ...fenced(manual.check),
    `It must show: ${manual.expect}.`,
    "",
    "Done at: ____________ by: ____________",
    "",
  ];
}

/** A command may hold what ends a fence, so the fence is longer than any run of its own mark. */
function fenced(commands: string[]): string[] {
  const longest = Math.max(2, ...commands.flatMap((text) => [...text.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = "`".repeat(longest + 1);
  return [`${fence}sh`, ...commands, fence, ""];
}

function ending(): string[] {
  return [
    "## Afterwards",
    "",
    "Start one instance of Muster. It looks at every region before it does anything, and does not know what was done",
    "by hand: tell it with `dr note`, and see with `dr status` and `dr readiness` that it sees what you see.",
  ];
}

/** What a step needs comes before it; else the plan's order. */
function inOrder(steps: ResolvedStep[]): ResolvedStep[] {
  const placed: ResolvedStep[] = [];
  const isPlaced = (id: string) => placed.some((step) => step.id === id) || !steps.some((step) => step.id === id);
  while (placed.length < steps.length) {
    const next = steps.find((step) => !placed.includes(step) && step.needs.every(isPlaced));
    if (!next) throw new Error("a loaded plan has no cycles");
    placed.push(next);
  }
  return placed;
}
