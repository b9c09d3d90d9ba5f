import type { Drafted, Redraft, Writer } from "../assistant/writer.ts";
import type { RedraftRequest, ReportFiles } from "../core.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import type { DomainEvent, NewDomainEvent } from "../events.ts";
import { fold, initialState } from "../fold.ts";
import { eachBatch } from "../journal/each-batch.ts";
import type { Journal } from "../journal/journal.ts";
import type { Head } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import { DraftedDocument } from "../reports/events.ts";
import { createContext, type ReportInput } from "../reports/input.ts";
import { draftOf, isOutrun, narrativeOf } from "../reports/narrative.ts";
import type { WrittenDocuments } from "../reports/write.ts";
import type { AppState, IncidentState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { readIncident } from "./read-incident.ts";

export interface ReportsOptions {
  plan: Plan;
  journal: Journal;
  clock: Clock;
  /** Where `<incident>/` is made. */
  directory: string;
  /** Drafts by a model; without one the documents are written by their templates alone. */
  writer?: Writer;
}

export type Reports = ReturnType<typeof createReports>;

/** Somebody else may write the same incident's documents in the same moment, and then again. */
const MOST_TRIES = 3;

/** The documents of an incident: made from the journal, written as files, and made again as they were. */
export function createReports({ plan, journal, clock, directory, writer }: ReportsOptions) {
  async function inputOf(incidentId?: string): Promise<ReportInput> {
    const state = await journal.load();
    const incident = findIncident(state, incidentId);
    const events = await readIncident(journal, state, incident, state.seq);
    return { plan, state, incident, events, asOf: headOf(events), generatedAt: new Date(clock.now()).toISOString() };
  }

  /** As the journal stood when a version was made. */
  async function pastInput(incidentId: string, version: number | undefined): Promise<ReportInput> {
    const now = await inputOf(incidentId);
    const { reports } = now.incident;
    const written = version === undefined ? reports.at(-1) : reports[version - 1];
    if (version !== undefined && !written) throw noVersion(incidentId, version, reports.length);
    if (!written) return now;
    const events = now.events.filter(({ seq }) => seq <= written.asOfSeq);
    let state = initialState(plan);
    await eachBatch(journal, 0, written.asOfSeq, (batch) => {
      state = batch.reduce(fold, state);
    });
    const incident = findIncident(state, incidentId);
    return { plan, state, incident, events, asOf: headOf(events), generatedAt: written.generatedAt };
  }

  async function append(drafted: readonly Drafted[], worker?: WorkerContext): Promise<void> {
    const keyOf = ({ data: { incidentId, document, asOf, redraft } }: Drafted) =>
      ["draft", incidentId, document, asOf.seq, ...(redraft ? [redraft.section, redraft.by] : [])].join("/");
    const events = drafted.map((one): NewDomainEvent => ({ ...one, key: keyOf(one), actor: "system:reporter" }));
    await journal.commit(() => events, worker && { fence: worker.fence });
  }

  /**
   * Asks for what has not been drafted since the story's last turn; the journal says what came of it. A story that
   * took a turn meanwhile is asked for once more, so that a draft that is outrun is not all that people get.
   */
  async function draft(asking: Writer, incidentId?: string, worker?: WorkerContext): Promise<void> {
    const missing = (input: ReportInput, document: DraftedDocument) => narrativeOf(input, document) === undefined;
    await draftThose(missing, asking, incidentId, worker);
    await draftThose((input, document) => isOutrun(createContext(input), document), asking, incidentId, worker);
  }

  async function draftThose(
    wants: (input: ReportInput, document: DraftedDocument) => boolean,
    asking: Writer,
    incidentId: string | undefined,
    worker: WorkerContext | undefined,
  ): Promise<void> {
    const input = await inputOf(incidentId);
    const wanted = DraftedDocument.options.filter((document) => wants(input, document));
    const drafted = await Promise.all(wanted.map((document) => asking.draft(document, input, worker?.signal)));
    // Whoever goes on asks anew: that nobody waited for an answer says nothing about the model.
    worker?.signal.throwIfAborted();
    if (drafted.length > 0) await append(drafted, worker);
  }

  async function write(incidentId?: string, worker?: WorkerContext): Promise<ReportFiles> {
    if (writer) await draft(writer, incidentId, worker);
    // Loaded at first use: templates are of no use to a server that is only watching.
    const { renderDocuments, writeDocuments } = await import("../reports/write.ts");
    const { versionOf } = await import("../reports/version.ts");
    for (let tries = 1; ; tries++) {
      const input = await inputOf(incidentId);
      const { incidentId: id, reports } = input.incident;
      const documents = renderDocuments(input);
      const version = versionOf(createContext(input));
      const known = new Set(reports.flatMap((one) => one.documents.map(({ sha256 }) => sha256)));
      const written = await writeDocuments(directory, id, documents, known);
      const { events } = await journal.commit(
        (fresh) => writtenEvents(fresh, input, version.number, written),
        worker && { fence: worker.fence },
      );
      // Two versions of one number would be no versions: who came second looks again.
      if (events.length === 0 && tries < MOST_TRIES) continue;
      return { incidentId: id, directory: `${directory}/${id}`, documents, version, kept: written.kept };
    }
  }

  return {
    write,

    /** A version as it was made; the latest without a number, and as things stand where there is none yet. */
    async read(incidentId: string, version?: number): Promise<ReportFiles["documents"]> {
      const { renderDocuments } = await import("../reports/write.ts");
      return renderDocuments(await pastInput(incidentId, version));
    },

    async version(incidentId: string | undefined, number: number): Promise<ReportFiles> {
      const { incident } = await inputOf(incidentId);
      const input = await pastInput(incident.incidentId, number);
      const { renderDocuments } = await import("../reports/write.ts");
      const { versionOf } = await import("../reports/version.ts");
      const documents = renderDocuments(input);
      const of = { incidentId: incident.incidentId, directory: `${directory}/${incident.incidentId}` };
      return { ...of, documents, version: versionOf(createContext(input)), kept: [] };
    },

    /** One section by a model anew, with a person's hint. Throws AppError, and leaves the section, when nothing is kept. */
    async redraft(request: RedraftRequest & { by: string }, incidentId?: string): Promise<ReportFiles> {
      if (!writer) throw noModel();
      await draft(writer, incidentId);
      const input = await inputOf(incidentId);
      const { document, ...asked } = request;
      const current = draftOf(createContext(input), document);
      if (!current) throw noDraft(input, document);
      const redraft: Redraft = { ...asked, before: current.data.statements };
      const drafted = await writer.draft(document, input, undefined, redraft);
      await append([drafted]);
      if (drafted.kind === "report.rejected") throw notRedrafted(drafted.data);
      return await write(input.incident.incidentId);
    },
  };
}

/** Nothing when somebody else has written meanwhile, so that versions count up by one. */
function writtenEvents(
  fresh: AppState,
  { incident: { incidentId }, asOf, generatedAt }: ReportInput,
  version: number,
  { documents, kept }: WrittenDocuments,
): NewDomainEvent[] {
  if (fresh.incidents[incidentId]?.reports.length !== version - 1) return [];
  const data = { incidentId, documents, asOf, generatedAt, version, ...(kept.length > 0 && { kept }) };
  return [{ key: `report/${incidentId}/${asOf.seq}`, kind: "report.written", actor: "system:reporter", data }];
}

/** The named incident; else the open one; else the latest. Throws AppError when there is none. */
function findIncident(state: AppState, incidentId: string | undefined): IncidentState {
  const all = Object.keys(state.incidents);
  const incident = own(state.incidents, incidentId ?? state.openIncidentId ?? all.at(-1) ?? "");
  if (incident) return incident;
  throw new AppError({
    code: "unknown-incident",
    summary: incidentId === undefined ? "There was no incident yet." : `There is no incident "${incidentId}".`,
    hint: all.length > 0 ? `The latest are: ${all.slice(-5).join(", ")}.` : "Documents are about incidents.",
  });
}

function noVersion(incidentId: string, version: number, latest: number): AppError {
  const hint = latest === 0 ? "None has been written yet: dr report." : `The latest is version ${latest}.`;
  return new AppError({ code: "not-found", summary: `${incidentId} has no documents of version ${version}.`, hint });
}

function noModel(): AppError {
  const summary = "No language model is configured, and the templates write each section in one way only.";
  return new AppError({
    code: "wrong-state",
    summary,
    hint: "Set MUSTER_MODELS (docs/assistant.md), or edit the file.",
  });
}

function noDraft({ incident, events }: ReportInput, document: DraftedDocument): AppError {
  const rejected = events.findLast(({ kind, data }) => kind === "report.rejected" && data.document === document);
  const why = rejected?.kind === "report.rejected" ? ` ${rejected.data.summary}` : "";
  const summary = `There is no draft of the ${document} of ${incident.incidentId} to write anew.${why}`;
  return new AppError({ code: "wrong-state", summary, hint: "Ask again when the model answers: npm run doctor." });
}

function notRedrafted({ code, summary, redraft }: Extract<Drafted, { kind: "report.rejected" }>["data"]): AppError {
  return new AppError({
    code: code as ErrorCode,
    summary: `The section ${redraft?.section} stays as it was: ${summary}`,
    hint: "Ask with another hint, or edit the file: what a person changes there is never written over.",
  });
}

function headOf(events: readonly DomainEvent[]): Head {
  const last = events.at(-1);
  return { seq: last?.seq ?? 0, hash: last?.hash ?? "" };
}
