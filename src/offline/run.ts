import { approvalCard } from "../cards/approval.ts";
import type { Card } from "../cards/card.ts";
import type { Dispatcher } from "../commands/dispatch.ts";
import type { Caller, Core } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { adoptPlan } from "../plans/adopt.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import { inFlightRuns } from "../runs/views.ts";
import type { RunState } from "../state.ts";
import type { Worker } from "../workers/worker.ts";

/** What must be typed before anything is started: a second leader would undo what this one does. */
const CONFIRMATION = "no leader lives";

/** A Muster on a journal of its own, in this process, for one person at a terminal. */
export interface LocalMuster {
  plan: Plan;
  core: Core;
  journal: Journal;
  workers: Worker[];
  dispatcher: Dispatcher;
  clock: Clock;
  /** Who sits there: recognised by their token, and a commander. */
  caller: Caller;
}

export interface OfflineRequest {
  runbook: string;
  target: string | undefined;
  reason: string;
}

/** The terminal. */
export interface Console {
  say(text: string): void;
  show(card: Card): void;
  /** One line; undefined when the input has ended. */
  ask(question: string): Promise<string | undefined>;
  /** Follows a run until it ends or needs a person. */
  watch(runId: string): Promise<void>;
}

const WORKERS: ReadonlySet<string> = new Set(["executor", "detector", "sampler"]);
const LOOK_FOR_MS = 20_000;

/** From the person's confirmation to the end of the run; the run as it then is. Throws AppError when it is not begun. */
export async function runOffline(muster: LocalMuster, request: OfflineRequest, console: Console): Promise<RunState> {
  const { core, workers } = muster;
  const state = await core.state();
  const [open] = inFlightRuns(state);
  await begin(muster, request, console);
  const started = workers.filter(({ name }) => WORKERS.has(name));
  for (const worker of started) worker.start();
  try {
    await untilSeen(muster, console);
    const runId = open?.runId ?? (await proposed(muster, request));
    return await toTheEnd(muster, runId, console);
  } finally {
    await Promise.all(started.map((worker) => worker.stop()));
  }
}

/** Asked anew at every start: what was true an hour ago may not be. */
async function begin(
  { plan, journal, caller }: LocalMuster,
  { reason }: OfflineRequest,
  console: Console,
): Promise<void> {
  console.say(
    [
      `This runs a runbook of ${plan.application} from this machine, with a journal of its own.`,
      "It must be the only Muster that does: stop all other instances, and see that none can start by itself.",
      "The decision is yours alone; what is done is written down, and imported when the store is back.",
    ].join("\n"),
  );
  const typed = await console.ask(`To go on, type: ${CONFIRMATION}`);
  if (typed?.trim() !== CONFIRMATION) throw notConfirmed();
  const data = { confirmed: CONFIRMATION, reason };
  await journal.commit(({ version }) => [
    { key: `offline/began/${version}`, kind: "offline.began", actor: caller.principal, data },
  ]);
  await adoptPlan(journal, plan);
}

/** Guards and evidence need to know how the regions are. */
async function untilSeen({ core, clock }: LocalMuster, console: Console): Promise<void> {
  console.say("Looking at the regions …");
  const deadline = clock.monotonic() + LOOK_FOR_MS;
  while (clock.monotonic() < deadline) {
    const { regions } = await core.state();
    if (Object.values(regions).every(({ verdict }) => verdict !== "unknown")) return;
    await clock.sleep(200);
  }
}

async function proposed(muster: LocalMuster, request: OfflineRequest): Promise<string> {
  const { runbook, target, reason } = request;
  // Asked for by nobody's name, so that the one person there decides on it and is named for that.
  const requester: Caller = { principal: "system:offline", name: "A local run", roles: [] };
  const { run } = await muster.core.runs.propose(runbook, { target, reason }, requester);
  return run.runId;
}

async function toTheEnd(muster: LocalMuster, runId: string, console: Console): Promise<RunState> {
  for (;;) {
    const run = (await muster.core.state()).runs[runId] as RunState;
    if (!inFlightRuns(await muster.core.state()).includes(run)) return run;
    const asked = await decision(muster, run, console);
    if (asked !== undefined) {
      await muster.dispatcher.text(asked, muster.caller).then(
        ({ card }) => console.show(card),
        (error) => console.say(error instanceof AppError ? `${error.summary} ${error.hint}` : String(error)),
      );
    } else await console.watch(runId);
  }
}

/** The command that the person chose, where there is something to decide; undefined where the run goes on by itself. */
async function decision(
  { core, dispatcher, caller }: LocalMuster,
  run: RunState,
  console: Console,
): Promise<string | undefined> {
  const approval = (await core.approvals.pending()).find(({ runId }) => runId === run.runId);
  if (!approval && run.phase !== "halted") return undefined;
  if (approval) {
    console.show(approvalCard({ approval, run, at: new Date(core.now()).toISOString() }, caller));
    for (const { id, text } of approval.mustAccept) console.say(`You would accept ${id}: ${text}`);
    const typed = await console.ask(
      `Type "approve" to go on${approval.mustAccept.length > 0 ? ", accepting all of this" : ""}; anything else stops it.`,
    );
    return typed?.trim() === "approve"
      ? `approve ${approval.approvalId} --accept-all`
      : `abort ${run.runId} --reason "not approved at the terminal"`;
  }
  console.show((await dispatcher.call("run", { run: run.runId }, caller)).card);
  const failed = run.steps.find(({ phase }) => phase === "failed")?.stepId ?? "";
  const typed = await console.ask(`Type "retry", "skip <reason>" (for ${failed}) or "abort <reason>":`);
  const [verb = "", ...words] = (typed ?? "abort the input ended").trim().split(/\s+/);
  const reason = words.join(" ").replaceAll('"', "'");
  if (verb === "retry") return `retry ${run.runId} ${failed}`;
  if (verb === "skip") return `skip ${run.runId} ${failed} --reason "${reason}"`;
  return verb === "abort" ? `abort ${run.runId} --reason "${reason || "at the terminal"}"` : "help";
}

function notConfirmed(): AppError {
  return new AppError({
    code: "wrong-state",
    summary: "It was not confirmed that no other instance works on this plan.",
    hint: `Nothing was started. Stop all instances, then type "${CONFIRMATION}" when asked.`,
  });
}
