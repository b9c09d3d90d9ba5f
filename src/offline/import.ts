import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import { type DomainEvent, type EventData, isKnownKind, type NewDomainEvent } from "../events.ts";
import { fold, initialState } from "../fold.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore, StoredEvent } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import { inFlightRuns, isInFlight } from "../runs/views.ts";
import type { AppState, RunState } from "../state.ts";
import { MOST_IMPORTS } from "./fold.ts";
import { readEvents } from "./read-events.ts";
import { readTranscript } from "./transcript.ts";

export interface ImportOptions {
  plan: Plan;
  journal: Journal;
  store: JournalStore;
  instance: string;
  clock: Clock;
}

export type Imported = EventData<"offline.imported">;

const TOGETHER = 100;
/** How far the clocks of two machines may differ on such a night. */
const MOST_AHEAD_MS = 3_600_000;

/**
 * Takes a local journal into this one: its events to the letter into a stream of their own, and an event for each of
 * its runs that says what is so since then. May be repeated after a crash; a second import of the same run is refused.
 */
export function createImport({ plan, journal, store, instance, clock }: ImportOptions) {
  return async (text: string, caller: Caller): Promise<Imported> => {
    const events = readTranscript(text);
    const found = summarise(readEvents(events), plan, clock.now());
    const last = found.at(-1) as Imported;
    notYetHere(await journal.load(), found);
    await keep(events, last.offlineId);
    const { state } = await journal.commit((fresh) => {
      const { openIncidentId } = fresh;
      return notYetHere(fresh, found).map((run): NewDomainEvent => {
        const data = { ...run, ...(openIncidentId !== undefined && { incidentId: openIncidentId }) };
        return { key: `offline/${run.offlineId}`, kind: "offline.imported", actor: caller.principal, data };
      });
    });
    return { ...last, ...(state.openIncidentId !== undefined && { incidentId: state.openIncidentId }) };
  };

  /** What stands already, from an import that broke off, is passed over. */
  async function keep(events: StoredEvent[], offlineId: string): Promise<void> {
    const stream = `offline/${plan.application}/${offlineId}`;
    const key = ({ seq }: StoredEvent) => `${stream}/${seq}`;
    for (let from = 0; from < events.length; from += TOGETHER) {
      const part = events.slice(from, from + TOGETHER);
      const result = await store.append({
        stream,
        expectedVersion: from,
        events: part.map((event) => {
          const { previousHash, hash, text, actor } = event;
          return { key: key(event), kind: "offline.event", actor, data: { previousHash, hash, text } };
        }),
        at: new Date(clock.now()).toISOString(),
        instance,
      });
      if (result.outcome === "duplicate" || result.outcome === "conflict") continue;
      if (result.outcome === "fenced") throw new Error("an import holds no lease");
    }
  }
}

/** What a local journal says was done, run by run, the oldest first. Throws AppError when it is not one, or not over. */
function summarise(known: DomainEvent[], plan: Plan, now: number): Imported[] {
  const adopted = known.find((event) => event.kind === "plan.adopted");
  if (!known.some(({ kind }) => kind === "offline.began") || adopted?.kind !== "plan.adopted") {
    throw refuse(
      "bad-input",
      "It is the journal of a server, not of a local run.",
      "Servers' journals are restored, not imported: docs/deploy.md.",
    );
  }
  if (adopted.data.plan.application !== plan.application) {
    const summary = `It is about ${adopted.data.plan.application}, and this server is about ${plan.application}.`;
    throw refuse("bad-input", summary, "Import it where that application's plan is.");
  }
  const state = folded(known, adopted.data.plan);
  const runs = Object.values(state.runs);
  if (runs.length === 0) throw refuse("bad-input", "It holds no run.", "There is nothing to import.");
  const found = runs.map((run) => summaryOf(run, known, run === runs.at(-1)));
  for (const run of found) possibleHere(run, plan, now);
  return found;
}

function folded(known: DomainEvent[], plan: Plan): AppState {
  try {
    return known.filter(({ kind }) => isKnownKind(kind)).reduce(fold, initialState(plan));
  } catch (cause) {
    const summary = "Its events do not add up to anything that Muster does.";
    throw new AppError({ code: "bad-input", summary, hint: "Nothing was imported. Look into the file.", cause });
  }
}

/** What is true from the import on must be possible by the plan that is in force here, and by the clock. */
function possibleHere({ source, target, endedAt }: Imported, plan: Plan, now: number): void {
  const stranger = [source, target].find((code) => !own(plan.regions, code));
  if (stranger !== undefined) {
    const hint = "Start the server with the plan that the local run had, or one with that region; then import it.";
    throw refuse("bad-input", `It is about ${stranger.slice(0, 60)}, and the plan here has no such region.`, hint);
  }
  if (Date.parse(endedAt) > now + MOST_AHEAD_MS) {
    const hint = "Compare the clocks of both machines.";
    throw refuse("bad-input", `It ended at ${endedAt}, which is not yet.`, hint);
  }
}

/** The last run stands for the whole journal, so its id is that of the stream; earlier ones say which they are. */
function summaryOf(run: RunState, known: DomainEvent[], isLast: boolean): Imported {
  const { runId, source } = run;
  if (isInFlight(run) || run.endedAt === undefined) {
    throw refuse(
      "wrong-state",
      `Its ${runId} is ${run.phase}, not over.`,
      "Go on with it, or abort it, with `dr run --offline`; then import it.",
    );
  }
  const head = known.at(-1) as DomainEvent;
  const proposed = known.findIndex(({ kind, data }) => kind === "run.proposed" && (data as RunState).runId === runId);
  const began = known.slice(0, proposed).findLast((event) => event.kind === "offline.began");
  if (began?.kind !== "offline.began") {
    throw refuse("bad-input", `Its ${runId} was proposed before anybody had confirmed.`, "Look into the file.");
  }
  const quarantined = known.some(
    ({ kind, data }) => kind === "quarantine.started" && data.runId === runId && data.region === source,
  );
  const id = head.hash.slice(0, 12);
  return {
    offlineId: isLast ? id : `${id}-${runId}`,
    by: began.actor,
    confirmed: began.data.confirmed,
    reason: began.data.reason,
    beganAt: began.at,
    runbook: run.runbook,
    kind: run.kind,
    source,
    target: run.target,
    phase: run.phase,
    ...(quarantined && { quarantined }),
    endedAt: run.endedAt,
    steps: run.steps.map(({ stepId, name, uses, phase }) => ({ stepId, name, uses, phase })),
    head: { seq: head.seq, hash: head.hash },
  };
}

/** The runs that this journal does not have yet: a local journal may have been gone on with after an import. */
function notYetHere(state: AppState, found: Imported[]): Imported[] {
  const importOf = (run: Imported) => state.offlineRuns.find(({ endedAt }) => endedAt === run.endedAt);
  const news = found.filter((run) => importOf(run) === undefined);
  if (news.length === 0) {
    const before = found.map(importOf).at(-1);
    throw refuse("wrong-state", `It was imported at ${before?.importedAt}.`, "There is nothing more to do.");
  }
  const oldest = state.offlineRuns.map(({ endedAt }) => endedAt).toSorted()[0] ?? "";
  const past = news.find(({ endedAt }) => state.offlineRuns.length >= MOST_IMPORTS && endedAt <= oldest);
  if (past) {
    const summary = `It ended at ${past.endedAt}, before the ${MOST_IMPORTS} imports that are remembered.`;
    throw refuse(
      "wrong-state",
      summary,
      "The event offline.imported says which were: journal --kind offline.imported.",
    );
  }
  const [run] = inFlightRuns(state);
  if (run) {
    const hint = `It may be what the local run was done instead of: see "why ${run.runId}", abort it, then import.`;
    throw refuse("run-in-progress", `${run.runId} is ${run.phase} here.`, hint);
  }
  return news;
}

function refuse(code: AppError["code"], summary: string, hint: string): AppError {
  return new AppError({ code, summary, hint: `Nothing was imported. ${hint}` });
}
