import { z } from "zod";

/**
 * What a model may say: claims, each about events of the journal. Values stand in the text as references
 * (`{{e12.region}}`, `{{duration e3 e9}}`) and never as literals, so that code writes every number, time and name.
 */
export const ClaimKind = z.enum(["fact", "hypothesis", "action"]);
export type ClaimKind = z.infer<typeof ClaimKind>;

export const Claim = z.strictObject({
  section: z.string().describe("The section of the document that it belongs to"),
  kind: ClaimKind.describe("fact: an event says it; hypothesis: it may be so; action: somebody should do it"),
  eventIds: z.array(z.string()).describe("Ids of the events that it rests on, such as e12"),
  text: z.string().describe("One sentence in plain English, with references instead of values"),
});
export type Claim = z.infer<typeof Claim>;

/** A reference as it stands in a text. */
export type Reference =
  | { kind: "value"; eventId: string; field: string; whole: string }
  | { kind: "duration"; from: string; to: string; whole: string };

const PLACEHOLDER = /\{\{\s*(.*?)\s*\}\}/g;
const VALUE = /^(e\d+|t\d+r\d+)\.([a-zA-Z]+)$/;
const DURATION = /^duration (e\d+) (e\d+)$/;

/** Every reference of a text; what stands in braces and is none comes as undefined. */
export function referencesOf(text: string): (Reference | undefined)[] {
  return [...text.matchAll(PLACEHOLDER)].map(([whole, inner = ""]) => {
    const value = VALUE.exec(inner);
    if (value) return { kind: "value", eventId: value[1] ?? "", field: value[2] ?? "", whole };
    const duration = DURATION.exec(inner);
    return duration ? { kind: "duration", from: duration[1] ?? "", to: duration[2] ?? "", whole } : undefined;
  });
}

/** What a reference leaves in the prose. */
export const MARK = "▢";

/** The prose without its references, each of which leaves a mark where a word was. */
export function proseOf(text: string): string {
  return text.replace(PLACEHOLDER, MARK);
}
