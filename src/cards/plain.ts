import type { ReportFiles } from "../core.ts";
import type { ErrorReport } from "../errors.ts";
import { bytes } from "../format.ts";
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
export function documentsCard({ incidentId, directory, documents }: ReportFiles, shown: string): Card {
  const title = `Documents of ${incidentId} written`;
  return {
    title,
    status: "info",
    facts: documents.map(({ name, text }) => ({ label: name, value: bytes(new TextEncoder().encode(text).length) })),
    text: documents.filter(({ name }) => name === shown).map(({ text }) => text),
    context: [directory],
    fallback: `${title}: ${directory}`,
  };
}

/** A short word that something was done. */
export function doneCard(title: string, context: string[] = []): Card {
  return { title, status: "ok", context, fallback: title };
}
