/**
 * Rich text says what is text and what is style apart from each other: what people and vendors wrote stays as it
 * is, marks nothing up and mentions nobody. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
export type Inline =
  | { type: "text"; text: string; style?: { bold?: true; code?: true } }
  | { type: "link"; url: string; text: string }
  | { type: "date"; timestamp: number; format: string; fallback: string };

export interface RichText {
  type: "rich_text";
  block_id?: string;
  elements: { type: "rich_text_section"; elements: Inline[] }[];
}

export function richText(lines: Inline[][]): RichText {
  const elements = lines.flatMap((line, index) =>
    index === 0 ? line : [{ type: "text" as const, text: "\n" }, ...line],
  );
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

export function bold(text: string): Inline {
  return { type: "text", text, style: { bold: true } };
}

/** The forms in which src/format.ts writes moments; the day stands only where it is not that of the message. */
const MOMENT = /(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d:\d\d) UTC/g;

/** Text in which every moment is shown in the reader's own zone, and in UTC where that cannot be. `at`: of the message, ISO 8601. */
export function inline(text: string, at: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const { 0: whole, 1: day, 2: time, index } of text.matchAll(MOMENT)) {
    const ms = Date.parse(`${day ?? at.slice(0, 10)}T${time}Z`);
    if (Number.isNaN(ms)) continue;
    if (index > from) found.push({ type: "text", text: text.slice(from, index) });
    const format = day === undefined ? "{time_secs}" : "{date_num} {time_secs}";
    found.push({ type: "date", timestamp: ms / 1_000, format, fallback: whole });
    from = index + whole.length;
  }
  if (from < text.length) found.push({ type: "text", text: text.slice(from) });
  return found;
}

/** Of what people can read; a moment counts as the words that stand for it. */
export function lengthOf(line: readonly Inline[]): number {
  return line.reduce((sum, part) => sum + (part.type === "date" ? part.fallback.length : part.text.length), 0);
}
