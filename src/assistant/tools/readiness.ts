import { z } from "zod";
import { capital, clause, count, duration, instant } from "../../format.ts";
import type { Status } from "../lexicon.ts";
import { quoted } from "../outward.ts";
import { defineTool, type Row, type ToolContext } from "./tool.ts";

const Open = z.object({ step: z.string(), state: z.string(), reason: z.string() });
const Output = z.object({
  known: z.array(
    z.object({
      runbook: z.string(),
      source: z.string(),
      target: z.string(),
      state: z.enum(["ready", "unknown", "blocked"]),
      since: z.string(),
      open: z.array(Open),
    }),
  ),
  /** The named runbook has nowhere to go: the service is at home. */
  atHome: z.string().optional(),
  asked: z.array(
    z.object({
      runbook: z.string(),
      source: z.string(),
      target: z.string(),
      expected: z.string(),
      basis: z.string(),
      refusals: z.array(z.object({ code: z.string(), summary: z.string() })),
      warnings: z.array(z.string()),
      open: z.array(Open),
    }),
  ),
});

/** What the readiness worker knows, and for one runbook what the guards say at this moment. */
export const readiness = defineTool({
  name: "readiness",
  description:
    "Whether runbooks could run: for all of them what was last assessed; for a named one a dry run now, which writes nothing, with the guards that would refuse it, steps that are blocked or unknown, warnings and the expected time. This is how to find out whether a failover or failback may go ahead.",
  input: z.strictObject({
    runbook: z
      .string()
      .nullable()
      .describe("A runbook of the plan for a dry run now, such as failback; null for what is known"),
    target: z.string().nullable().describe("The region to move to, or null for every other one"),
  }),
  output: Output,
  read: async ({ runbook, target }, context) => ({
    known: Object.values(context.state.readiness)
      .filter(({ source }) => source === context.state.active)
      .map(({ runbook: name, source, target, status, since, steps }) => {
        return { runbook: name, source, target, state: status, since: instant(since, context.at), open: openOf(steps) };
      }),
    ...(await askedFor(runbook, target, context)),
  }),
  tell({ known, asked, atHome }) {
    const rows: Row[] = [
      ...known.map(({ open, ...one }) => ({
        kind: "readiness.now",
        sentence: `Readiness of ${one.runbook} ${one.source} → ${one.target}: ${one.state} since ${one.since}.`,
        values: one,
        says: [one.state] as Status[],
      })),
      ...known.flatMap(({ open, runbook }) => open.map((one) => openRow(runbook, one))),
      ...asked.flatMap(askedRows),
      ...(atHome === undefined ? [] : [atHomeRow(atHome)]),
    ];
    const now = asked.map((one) => `; ${one.runbook} to ${one.target} now: ${count(one.refusals.length, "refusal")}`);
    return {
      summary: `${known.map(({ runbook, state }) => `${runbook} ${state}`).join(", ") || "nothing assessed yet"}${now.join("")}${atHome ? "; it is at home" : ""}`,
      rows,
    };
  },
});

const CALLER = { principal: "system:assistant", name: "Assistant", roles: ["observer" as const] };

type Asked = z.infer<typeof Output>["asked"][number];
const MOST_TARGETS = 3;

async function askedFor(runbook: string | null, target: string | null, context: ToolContext) {
  const { state, core } = context;
  const kind = core.plan.runbooks[runbook ?? ""]?.kind;
  if (runbook === null) return { asked: [] };
  if (kind === "failback" && state.active === state.home) return { asked: [], atHome: state.home };
  const others = Object.keys(core.plan.regions).filter((code) => code !== state.active);
  const targets = target !== null ? [target] : kind === "failover" ? others.slice(0, MOST_TARGETS) : [undefined];
  const asked: Asked[] = [];
  // One after the other: each looks at the world.
  for (const one of targets) asked.push(await dryRun(runbook, one, context));
  return { asked };
}

function atHomeRow(home: string): Row {
  return {
    kind: "run.readiness",
    sentence: `There is nothing to fail back: it is served from ${home}, its home.`,
    values: { home },
  };
}

async function dryRun(runbook: string, to: string | undefined, { core }: ToolContext): Promise<Asked> {
  const { source, target, evidence, refusals, steps } = await core.runs.dryRun(runbook, { target: to }, CALLER);
  return {
    runbook,
    source,
    target,
    expected: duration(evidence.expected.ms),
    basis: evidence.expected.basis,
    refusals: refusals.map(({ code, summary }) => ({ code, summary })),
    warnings: evidence.warnings,
    open: openOf(steps.map(({ readiness: of }) => of)),
  };
}

function openOf(steps: readonly { stepId: string; state: string; reason?: string }[]): z.infer<typeof Open>[] {
  return steps
    .filter(({ state }) => state === "blocked" || state === "unknown")
    .map(({ stepId, state, reason }) => ({ step: stepId, state, reason: reason ?? "no reason given" }));
}

function openRow(runbook: string, { step, state, reason }: z.infer<typeof Open>): Row {
  return {
    kind: "readiness.now",
    sentence: `Step ${step} of ${runbook} is ${state}: ${clause(reason)}.`,
    values: { runbook, step, state, reason: quoted(reason) },
    says: [state === "blocked" ? "blocked" : "unknown"],
  };
}

function askedRows({ refusals, warnings, open, ...asked }: Asked): Row[] {
  const { runbook, source, target } = asked;
  const what = `${capital(runbook)} ${source} → ${target}`;
  const standing =
    refusals.length === 0 ? "no guard refuses it now" : `${count(refusals.length, "guard")} would refuse it now`;
  return [
    {
      kind: "run.readiness",
      sentence: `${what}: ${standing}; expected to take ${asked.expected} (${clause(asked.basis)}).`,
      values: { ...asked, basis: clause(asked.basis), standing },
    },
    ...refusals.map(({ code, summary }) => ({
      kind: "guard.now",
      sentence: `${what} would be refused (${code}): ${clause(summary)}.`,
      values: { runbook, source, target, guard: code, because: quoted(summary) },
      says: ["blocked"] as Status[],
    })),
    ...warnings.map((warning) => ({
      kind: "run.readiness",
      sentence: `For ${runbook}: ${clause(warning)}.`,
      values: { runbook, warning: quoted(warning, 240) },
    })),
    ...open.map((one) => openRow(runbook, one)),
  ];
}
