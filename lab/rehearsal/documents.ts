import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { WireEvent } from "../../src/commands/wire.ts";
import type { EventData } from "../../src/events.ts";
import { MODEL_DEADLINE_SECONDS } from "../model/emulator.ts";
import type { MusterClient } from "./muster.ts";
import type { Model } from "./options.ts";
import type { PromiseCheck } from "./promises.ts";

const DOCUMENTS = ["status-report", "postmortem"] as const;
/** Beyond the deadline a draft is not waited for; what is left is rendering and writing. */
const AFTER_DEADLINE_MS = 5_000;

type Drafted = EventData<"report.drafted">;

/** What a rehearsal proves of its documents, from the files as they lie there and the journal. */
export async function checkDocuments(muster: MusterClient, folder: string, model: Model): Promise<PromiseCheck[]> {
  const texts = new Map(DOCUMENTS.map((name) => [name, readFileSync(join(folder, `${name}.md`), "utf8")]));
  const exported = new Set(
    readFileSync(join(folder, "events.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { seq: number }).seq),
  );
  const drafts = (await muster.events("report.drafted")).map(({ data }) => data as Drafted);
  const latest = DOCUMENTS.map((name) => drafts.findLast(({ document }) => document === name));
  return [
    citations(texts, exported),
    await inTime(muster, model),
    ...(model === "scripted"
      ? [drafted(latest, texts, exported)]
      : [byTemplate(model, await rejections(muster), texts)]),
  ];
}

async function rejections(muster: MusterClient): Promise<number> {
  return (await muster.events("report.rejected")).length;
}

/** Every number in brackets is that of an event that lies beside the document. */
function citations(texts: ReadonlyMap<string, string>, exported: ReadonlySet<number>): PromiseCheck {
  const cited = [...texts.values()].flatMap((text) =>
    [...bodyOf(text).matchAll(/#(\d+)/g)].map(([, seq]) => Number(seq)),
  );
  const missing = [...new Set(cited)].filter((seq) => !exported.has(seq));
  const seen = `${cited.length} citations of ${new Set(cited).size} events; ${missing.length} lead nowhere`;
  return {
    promise: "every event that the documents cite lies beside them",
    kept: cited.length > 50 && missing.length === 0,
    seen,
  };
}

/** Without the last lines, which tell of the making. */
function bodyOf(text: string): string {
  return text.slice(0, text.lastIndexOf("\n---\n"));
}

/** Each sentence of the model stands there with events that there are, and what it invented does not. */
function drafted(
  latest: (Drafted | undefined)[],
  texts: ReadonlyMap<string, string>,
  exported: ReadonlySet<number>,
): PromiseCheck {
  const known = latest.filter((one) => one !== undefined);
  const written = known.flatMap((one) => one.statements.map((statement) => ({ ...statement, document: one.document })));
  const groundless = written.filter(({ refs }) => refs.length === 0 || refs.some((seq) => !exported.has(seq)));
  const absent = written.filter(({ document, text }) => !texts.get(document)?.includes(text.slice(0, -1)));
  const invented = [...texts.values()].some((text) => text.includes("bad deployment"));
  const seen = known.map(({ document, model, statements, dropped }) => {
    const by = (who: string) => statements.filter((one) => one.by === who).length;
    return `${document} by ${model}: ${by("model") + by("repair")} claims kept, ${by("repair")} of them repaired, ${dropped.length} dropped`;
  });
  return {
    promise: "every sentence of the model rests on events, and what it invented is left out",
    kept: known.length === DOCUMENTS.length && groundless.length + absent.length === 0 && !invented,
    seen: `${seen.join("; ")}; ${groundless.length} without an event, ${absent.length} not in its document`,
  };
}

function byTemplate(model: Model, rejected: number, texts: ReadonlyMap<string, string>): PromiseCheck {
  const told = [...texts.values()].filter((text) => text.includes("As a model tells it")).length;
  return {
    promise: "without a model the templates write",
    kept: told === 0 && (model === "none") === (rejected === 0),
    seen: `${rejected} drafts came to nothing; ${told} documents tell of a model`,
  };
}

/** From the end of a run, or of the incident, to the documents about it. */
async function inTime(muster: MusterClient, model: Model): Promise<PromiseCheck> {
  // What ends while this is read is not asked about: its documents may be on their way.
  const ends = [...(await muster.events("run.completed")), ...(await muster.events("incident.resolved"))];
  const written = await muster.events("report.written");
  const waits = ends.map((end) => {
    const next = written.find(({ data }: WireEvent) => (data as EventData<"report.written">).asOf.seq >= end.seq);
    return next ? Date.parse(next.at) - Date.parse(end.at) : Number.POSITIVE_INFINITY;
  });
  const longest = Math.max(...waits);
  const allowed = (model === "none" ? 0 : MODEL_DEADLINE_SECONDS * 1_000) + AFTER_DEADLINE_MS;
  const promise = model === "none" ? "documents come at once" : "no document waits for a model beyond its deadline";
  return {
    promise,
    kept: waits.length > 0 && longest <= allowed,
    seen: `${longest} ms at most; ${allowed} ms are allowed`,
  };
}
