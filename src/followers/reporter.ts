import type { Logger } from "pino";
import type { Writer } from "../assistant/writer.ts";
import type { ReportFiles } from "../core.ts";
import { AppError } from "../errors.ts";
import type { DomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import { DraftedDocument } from "../reports/events.ts";
import type { ReportInput } from "../reports/input.ts";
import { narrativeOf } from "../reports/narrative.ts";
import type { AppState, IncidentState } from "../state.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";

export interface ReporterOptions {
  plan: Plan;
  journal: Journal;
  store: JournalStore;
  clock: Clock;
  logger: Logger;
  /** Where `<incident>/` is made. */
  directory: string;
  /** Drafts by a model; without one the documents are written by their templates alone. */
  writer?: Writer;
}

const CURSOR = "cursor/reporter";
const BATCH = 1_000;

/** A follower: writes an incident's documents when a run of it ends and when it is resolved, and on request. */
export function createReporter(options: ReporterOptions) {
  const { plan, journal, store, clock, logger, directory, writer } = options;

  async function inputOf(incidentId?: string): Promise<ReportInput> {
    const state = await journal.load();
    const incident = findIncident(state, incidentId);
    const events = await readAll(journal, state.seq);
    const last = events.at(-1);
    const asOf = { seq: last?.seq ?? 0, hash: last?.hash ?? "" };
    return { plan, state, incident, events, asOf, generatedAt: new Date(clock.now()).toISOString() };
  }

  async function render(incidentId?: string) {
    const input = await inputOf(incidentId);
    // Loaded at first use: templates are of no use to a server that is only watching.
    const { renderDocuments, writeDocuments } = await import("../reports/write.ts");
    const documents = renderDocuments(input);
    return { incidentId: input.incident.incidentId, documents, asOf: input.asOf, writeDocuments };
  }

  /** Asks for what has not been drafted since the story's last turn; the journal says what came of it. */
  async function draft(asking: Writer, incidentId?: string, worker?: WorkerContext): Promise<void> {
    const input = await inputOf(incidentId);
    const wanted = DraftedDocument.options.filter((document) => narrativeOf(input, document) === undefined);
    const drafted = await Promise.all(wanted.map((document) => asking.draft(document, input, worker?.signal)));
    // Whoever goes on asks anew: that nobody waited for an answer says nothing about the model.
    worker?.signal.throwIfAborted();
    if (drafted.length === 0) return;
    await journal.commit(
      () =>
        drafted.map((one) => ({
          ...one,
          key: `draft/${one.data.incidentId}/${one.data.document}/${one.data.asOf.seq}`,
          actor: "system:reporter",
        })),
      worker && { fence: worker.fence },
    );
  }

  async function write(incidentId?: string, worker?: WorkerContext): Promise<ReportFiles> {
    if (writer) await draft(writer, incidentId, worker);
    const { incidentId: id, documents, asOf, writeDocuments } = await render(incidentId);
    const written = await writeDocuments(directory, id, documents);
    await journal.commit((fresh) => {
      // The follower and a person may have written the same documents in the same moment.
      if (fresh.incidents[id]?.reports.some(({ asOfSeq }) => asOfSeq === asOf.seq)) return [];
      const data = { incidentId: id, documents: written, asOf };
      return [{ key: `report/${id}/${asOf.seq}`, kind: "report.written", actor: "system:reporter", data }];
    }, worker && { fence: worker.fence });
    return { incidentId: id, directory: `${directory}/${id}`, documents };
  }

  return {
    write: (incidentId?: string) => write(incidentId),
    async read(incidentId: string): Promise<ReportFiles["documents"]> {
      return (await render(incidentId)).documents;
    },

    async work(context: WorkerContext): Promise<void> {
      const { fence, signal } = context;
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      try {
        let cursor = Number((await store.getRecord(CURSOR)) ?? 0);
        while (!signal.aborted) {
          const events = await journal.read({ after: cursor, limit: BATCH });
          const last = events.at(-1);
          if (!last) {
            await waker.wait(undefined, signal);
            continue;
          }
          const state = await journal.load();
          const due = new Set(events.map((event) => incidentOf(state, event)).filter((id) => id !== undefined));
          for (const incidentId of due) {
            await write(incidentId, context);
            logger.info({ incident: incidentId }, "documents written");
          }
          cursor = last.seq;
          if (due.size > 0 || events.length === BATCH) await store.setRecord(CURSOR, String(cursor), fence);
        }
      } finally {
        waker.close();
      }
    },
  };
}

/** The incident whose documents an event makes due. */
function incidentOf(state: AppState, event: DomainEvent): string | undefined {
  if (event.kind === "incident.resolved") return event.data.incidentId;
  if (event.kind !== "run.completed" && event.kind !== "run.aborted") return undefined;
  return state.runs[event.data.runId]?.incidentId;
}

/** The named incident; else the open one; else the latest. Throws AppError when there is none. */
function findIncident(state: AppState, incidentId: string | undefined): IncidentState {
  const all = Object.keys(state.incidents);
  const incident = state.incidents[incidentId ?? state.openIncidentId ?? all.at(-1) ?? ""];
  if (incident) return incident;
  throw new AppError({
    code: "unknown-incident",
    summary: incidentId === undefined ? "There was no incident yet." : `There is no incident "${incidentId}".`,
    hint: all.length > 0 ? `The latest are: ${all.slice(-5).join(", ")}.` : "Documents are about incidents.",
  });
}

async function readAll(journal: Journal, upTo: number): Promise<DomainEvent[]> {
  const events: DomainEvent[] = [];
  for (;;) {
    const batch = await journal.read({ after: events.at(-1)?.seq ?? 0, limit: BATCH });
    events.push(...batch.filter(({ seq }) => seq <= upTo));
    if (batch.length === 0 || (batch.at(-1)?.seq ?? 0) >= upTo) return events;
  }
}
