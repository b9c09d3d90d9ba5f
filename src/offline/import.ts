import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import { type DomainEvent, type EventData, isKnownKind, type NewDomainEvent } from "../events.ts";
import { fold, initialState } from "../fold.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore, StoredEvent } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import { inFlightRuns, isInFlight } from "../runs/views.ts";
import type { AppState } from "../state.ts";
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

/**
 * Takes a local journal into this one: its events to the letter into a stream of their own, and one event that says
 * what is so since then. May be repeated after a crash; a second import of the same journal is refused.
 */
export function createImport({ plan, journal, store, instance, clock }: ImportOptions) {
  return async (text: string, caller: Caller): Promise<Imported> => {
    const events = readTranscript(text);
    const found = summarise(events, plan);
    ensureWelcome(await journal.load(), found);
    await keep(events, found.offlineId);
    const { state } = await journal.commit((fresh) => {
      ensureWelcome(fresh, found);
      const { openIncidentId } = fresh;
      const data = { ...found, ...(openIncidentId !== undefined && { incidentId: openIncidentId }) };
      const event: NewDomainEvent = {
        key: `offline/${found.offlineId}`,
        kind: "offline.imported",
        actor: caller.principal,
        data,
      };
      return [event];
    });
    return { ...found, ...(state.openIncidentId !== undefined && { incidentId: state.openIncidentId }) };
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

/** What a local journal says was done. Throws AppError when it is not one, or not over. */
function summarise(events: StoredEvent[], plan: Plan): Imported {
  const head = events.at(-1) as StoredEvent;
  const known = events as DomainEvent[];
  const began = known.find((event) => event.kind === "offline.began");
  const adopted = known.find((event) => event.kind === "plan.adopted");
  if (began?.kind !== "offline.began" || adopted?.kind !== "plan.adopted") {
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
  const state = known.filter(({ kind }) => isKnownKind(kind)).reduce(fold, initialState(adopted.data.plan));
  const run = Object.values(state.runs).at(-1);
  if (!run) throw refuse("bad-input", "It holds no run.", "There is nothing to import.");
  if (isInFlight(run) || run.endedAt === undefined) {
    throw refuse(
      "wrong-state",
      `Its ${run.runId} is ${run.phase}, not over.`,
      "Go on with it, or abort it, with `dr run --offline`; then import it.",
    );
  }
  return {
    offlineId: head.hash.slice(0, 12),
    by: began.actor,
    confirmed: began.data.confirmed,
    reason: began.data.reason,
    beganAt: began.at,
    runbook: run.runbook,
    kind: run.kind,
    source: run.source,
    target: run.target,
    phase: run.phase,
    endedAt: run.endedAt,
    steps: run.steps.map(({ stepId, name, uses, phase }) => ({ stepId, name, uses, phase })),
    head: { seq: head.seq, hash: head.hash },
  };
}

function ensureWelcome(state: AppState, { offlineId }: Imported): void {
  const before = state.offlineRuns.find((one) => one.offlineId === offlineId);
  if (before) throw refuse("wrong-state", `It was imported at ${before.importedAt}.`, "There is nothing more to do.");
  const [run] = inFlightRuns(state);
  if (run) {
    const hint = `It may be what the local run was done instead of: see "why ${run.runId}", abort it, then import.`;
    throw refuse("run-in-progress", `${run.runId} is ${run.phase} here.`, hint);
  }
}

function refuse(code: AppError["code"], summary: string, hint: string): AppError {
  return new AppError({ code, summary, hint: `Nothing was imported. ${hint}` });
}
