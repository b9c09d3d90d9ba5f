import { createHash } from "node:crypto";
import { clause, clip, count, duration, instant, list } from "../format.ts";
import { phaseWord, runTitle, stepsDone } from "../runs/summary-view.ts";
import { inFlightRuns, isDone } from "../runs/views.ts";
import type { AppState, RunState } from "../state.ts";
import type { Briefing } from "./events.ts";
import { roadblocksOf } from "./roadblocks-view.ts";
import { openIncident } from "./views.ts";

const STEPS_NAMED = 3;
const LONGEST = 300;

/** How things stand: status, estimate with its basis, what is in the way, what comes next. */
export function briefingOf(state: AppState, now: number): Briefing {
  const at = new Date(now).toISOString();
  const run = leadingRun(state);
  const eta = run && etaOf(run, now);
  return {
    status: statusOf(state, at).map((line) => clip(line, LONGEST)),
    ...(eta && { eta }),
    roadblocks: roadblocksOf(state, at),
    next: nextOf(state, run).map((line) => clip(line, LONGEST)),
  };
}

/** Changes with what people would call news, and not with the time that passes. */
export function digestOf({ status, roadblocks }: Briefing): string {
  const news = JSON.stringify([status, roadblocks]);
  return createHash("sha256").update(news).digest("base64url").slice(0, 22);
}

/** Something fails, is away from where it belongs, or is being moved. */
export function isTroubled(state: AppState): boolean {
  return (
    inFlightRuns(state).length > 0 ||
    state.active !== state.home ||
    Object.values(state.availability).some(({ available }) => !available) ||
    Object.values(state.regions).some(
      ({ verdict, quarantine }) => verdict === "down" || verdict === "degraded" || quarantine,
    )
  );
}

/** The run that people wait for: the latest of those under way, a drill only where there is no other. */
function leadingRun(state: AppState): RunState | undefined {
  const runs = inFlightRuns(state);
  return runs.findLast(({ rehearsal }) => !rehearsal) ?? runs.at(-1);
}

function statusOf(state: AppState, at: string): string[] {
  const { active, home, regions, availability } = state;
  const services = Object.entries(availability).map(
    // The last good answer, as on every other card; the moment at which it was concluded comes seconds later.
    ([service, { available, since, outages }]) =>
      `${service} ${available ? "answers" : `does NOT answer since ${instant(outages.at(-1)?.from ?? since, at)}`}`,
  );
  const seen = Object.values(regions).map(
    ({ code, verdict, quarantine }) => `${code} ${verdict}${quarantine ? " (quarantined)" : ""}`,
  );
  const runs = inFlightRuns(state).map((run) => {
    const working = run.steps.filter(({ phase }) => phase === "running" || phase === "retrying");
    const work = working.length === 0 ? "" : `; at work: ${list(working.map(({ stepId }) => stepId))}`;
    return `${runTitle(run)} (${run.runId}) ${phaseWord(run)}, ${stepsDone(run)} of ${count(run.steps.length, "step")}${work}.`;
  });
  return [
    ...(services.length === 0 ? [] : [`Clients: ${list(services)}.`]),
    `Served from ${active}${active === home ? ", its home" : `; home is ${home}`}; ${list(seen)}.`,
    ...(runs.length === 0 ? ["No run is under way."] : runs),
  ];
}

/** Only where something was measured or stated before; a run that people hold has no end that could be told. */
function etaOf(run: RunState, now: number): Briefing["eta"] {
  const { ms } = run.evidence.expected;
  // The path itself stands on the run's own card.
  const [basis = ""] = run.evidence.expected.basis.split(": ");
  const { runId, phase, startedAt } = run;
  if (run.paused) return { basis: `none while ${runId} is paused` };
  if (phase === "halted") return { basis: `none until a person decides about the step of ${runId} that failed` };
  if (phase === "aborting") return { basis: `none: ${runId} is being aborted` };
  if (startedAt === undefined) return { basis: `about ${duration(ms)} from the approval of ${runId} on (${basis})` };
  const at = new Date(Date.parse(startedAt) + ms).toISOString();
  if (Date.parse(at) > now) return { at, basis };
  return { basis: `${runId} was expected to be done at ${instant(at, new Date(now).toISOString())} (${basis})` };
}

function nextOf(state: AppState, run: RunState | undefined): string[] {
  const { active, home, regions } = state;
  if (run) {
    const ahead = run.steps.filter((step) => !isDone(step) && step.phase === "pending");
    const named = ahead.slice(0, STEPS_NAMED).map(({ name }) => `“${clause(name)}”`);
    const others = ahead.length > named.length ? [`${ahead.length - named.length} more`] : [];
    const steps = ahead.length === 0 ? "the steps under way end it" : `then ${list([...named, ...others])}`;
    return [run.startedAt === undefined ? `${run.runId}: people decide, ${steps}.` : `${run.runId}: ${steps}.`];
  }
  if (active === home) {
    const { openedBy, runIds = [] } = openIncident(state) ?? {};
    const byHand = openedBy === "person" && runIds.length === 0;
    return [
      byHand ? 'Somebody says when it is over: "resolve".' : "It is resolved by itself when every region is well.",
    ];
  }
  const quarantine = regions[home]?.quarantine;
  if (quarantine)
    return [`${home} has to answer, follow ${active} and leave quarantine; then "failback" brings it home.`];
  return [`Somebody asks for "failback", which brings the service home to ${home}.`];
}
