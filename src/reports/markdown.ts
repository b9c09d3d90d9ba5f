/** Characters that direct text or hide it: nothing that a person typed needs them, and they can make text lie. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g;

/**
 * Text as it stands, inside Markdown: no markup, no HTML, no table cell's end, no mention. Whoever wrote it (a note,
 * a reason, an error of a vendor) does not get to format our documents. Everything stays on one line.
 */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/\s+/g, " ")
      .replace(INVISIBLE, "")
      .replace(/[\\`*[\]|~]/g, "\\$&")
      // Inside a word an underscore is only an underscore.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
      .replace(/&(?=#?\w+;)/g, "&amp;")
      .replace(/</g, "&lt;")
      // A chat or a forge would call people by it; the zero-width space is what they document against that.
      .replace(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}])/gu, "@\u200b")
      .trim()
      // What would be a heading, a quote or a list item at the start of a line.
      .replace(/^(?:[#>+-]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`))
  );
}

/** Every text in a value, escaped; everything else as it is. */
export function escapeDeep<T>(value: T): T {
  if (typeof value === "string") return escapeMarkdown(value) as T;
  if (Array.isArray(value)) return value.map(escapeDeep) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeDeep(inner)])) as T;
}
