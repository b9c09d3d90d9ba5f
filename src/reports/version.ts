import type { ReportContext } from "./input.ts";
import type { VersionFacts } from "./schema-items.ts";
import { bound, keyLines, type TimelineLine } from "./timeline.ts";
import { isNews } from "./weight.ts";

/** What stands under "new since": the rest is in the timeline. */
const MOST_LINES = 14;

/**
 * Pure: which version of an incident's documents this is, and what has happened since the one before. The journal is
 * the only memory of versions: a document made from it as it stood then is that version, word for word.
 */
export function versionOf(context: ReportContext): VersionFacts {
  const before = context.incident.reports.filter(({ asOfSeq }) => asOfSeq < context.asOf.seq);
  const last = before.at(-1);
  if (!last) return { number: 1 };
  const lines = newsSince(context, last.asOfSeq);
  return {
    number: before.length + 1,
    since: { number: before.length, at: last.at, asOfSeq: last.asOfSeq, lines },
  };
}

export function newsSince(context: ReportContext, asOfSeq: number): TimelineLine[] {
  return bound(
    keyLines(context, isNews).filter(({ seq }) => seq > asOfSeq && seq <= context.asOf.seq),
    MOST_LINES,
  );
}
