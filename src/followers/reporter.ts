import type { Logger } from "pino";
import type { DomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { followEvents } from "../workers/follow-events.ts";
import type { WorkerContext } from "../workers/worker.ts";
import type { Reports } from "./reports.ts";

export interface ReporterOptions {
  reports: Pick<Reports, "write">;
  journal: Journal;
  store: JournalStore;
  clock: Clock;
  logger: Logger;
}

/** A follower: writes an incident's documents when a run of it ends and when it is resolved. */
export function createReporter({ reports, journal, store, clock, logger }: ReporterOptions) {
  return {
    work: (context: WorkerContext): Promise<void> =>
      followEvents({ journal, store, clock, cursor: "cursor/reporter" }, context, async (events) => {
        const state = await journal.load();
        const due = new Set(events.map((event) => dueBy(state, event)).filter((id) => id !== undefined));
        for (const incidentId of due) {
          await reports.write(incidentId, context);
          logger.info({ incident: incidentId }, "documents written");
        }
        return due.size > 0;
      }),
  };
}

/** The incident whose documents an event makes due, unless they were made after it already. */
function dueBy(state: AppState, event: DomainEvent): string | undefined {
  const incidentId = incidentOf(state, event);
  const { reports = [] } = own(state.incidents, incidentId ?? "") ?? {};
  return reports.some(({ asOfSeq }) => asOfSeq >= event.seq) ? undefined : incidentId;
}

function incidentOf(state: AppState, event: DomainEvent): string | undefined {
  if (event.kind === "incident.resolved") return event.data.incidentId;
  if (event.kind !== "run.completed" && event.kind !== "run.aborted") return undefined;
  return own(state.runs, event.data.runId)?.incidentId;
}
