import type { ReportFiles } from "../core.ts";
import type { ErrorReport } from "../errors.ts";
import { bytes, count, instant } from "../format.ts";
import type { Imported } from "../offline/import.ts";
import type { Card } from "./card.ts";

/** What was refused, and what to do next. */
export function errorCard({ code, summary, hint, retryable }: ErrorReport, requestId?: string): Card {
  return {
    title: summary,
    status: code === "internal" ? "danger" : "warning",
    text: [...(hint === "" ? [] : [hint]), ...(retryable ? ["The same request may succeed a little later."] : [])],
    context: [
      code,
      ...(code === "internal" || code === "server-unreachable" ? [] : ["nothing was changed"]),
      ...(requestId ? [`request ${requestId}`] : []),
    ],
    fallback: `${summary} ${hint}`.trim(),
  };
}

/** The documents of an incident; the named one is shown whole. */
export function documentsCard(files: ReportFiles, shown: string): Card {
  const { incidentId, directory, documents, version, kept } = files;
  const title = `Documents of ${incidentId}, version ${version.number}`;
  return {
    title,
    status: "info",
    facts: documents.map(({ name, text }) => ({ label: name, value: bytes(new TextEncoder().encode(text).length) })),
    text: [...newsOf(files), ...documents.filter(({ name }) => name === shown).map(({ text }) => text)],
    context: [directory, ...kept.map(keptText)],
    fallback: `${title}: ${directory}`,
  };
}

const MOST_NEWS = 6;

/** What has happened since the version before, the latest of it where it is much. */
function newsOf({ version: { since } }: ReportFiles): string[] {
  if (!since) return [];
  if (since.lines.length === 0) return [`Nothing worth a line has happened since version ${since.number}.`];
  const more = since.lines.length - MOST_NEWS;
  const lines = since.lines.slice(-MOST_NEWS).map(({ text, seq }) => `${text} (#${seq})`);
  return [`New since version ${since.number}:`, ...(more > 0 ? [`… ${count(more, "line")} before …`] : []), ...lines];
}

function keptText(name: string): string {
  return `${name} was changed by a person and is left as it is; this version stands beside it`;
}

/** A short word that something was done. */
export function doneCard(title: string, context: string[] = []): Card {
  return { title, status: "ok", context, fallback: title };
}

/** What a local run did, now that the journal knows it. */
export function importedCard({ runbook, source, target, phase, by, steps, head, endedAt }: Imported): Card {
  const title = `Imported: ${runbook} ${source} → ${target} by ${by}, ${phase}`;
  return {
    title,
    status: phase === "completed" ? "ok" : "warning",
    facts: [{ label: "Ended", value: instant(endedAt) }],
    table: { columns: ["Step", "State"], rows: steps.map(({ name, phase: state }) => [name, state]) },
    context: [`${head.seq} events`, `last hash ${head.hash.slice(0, 12)}`],
    fallback: title,
  };
}
