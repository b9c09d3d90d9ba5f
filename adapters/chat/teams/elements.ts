/** The pieces of Adaptive Cards that we use. https://adaptivecards.io/explorer */

const VERSION = "1.5";

export type Element = { type: string; id?: string } & Record<string, unknown>;
export type Action = { type: string; title: string } & Record<string, unknown>;

export interface AdaptiveCard {
  type: "AdaptiveCard";
  $schema: string;
  version: string;
  body: Element[];
  actions?: Action[];
  refresh?: Record<string, unknown>;
  msteams?: { width: "Full" };
}

export interface TextRun {
  type: "TextRun";
  text: string;
  [style: string]: unknown;
}

export const CARD_TYPE = "application/vnd.microsoft.card.adaptive";
export const bold = { weight: "Bolder" };

export function frame(body: Element[]): AdaptiveCard {
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: VERSION,
    body,
  };
}

/** Text as it was written: a run has no markup, where a text block would read Markdown. */
export function run(text: string, style: Record<string, unknown> = {}): TextRun {
  return { type: "TextRun", text: text === "" ? " " : text, ...style };
}

/** Text that opens the address when it is pressed; its words are the address, where a client cannot. */
export function linkRun(url: string): TextRun {
  return run(url, { selectAction: { type: "Action.OpenUrl", url } });
}

export function line(inlines: TextRun[], more: Record<string, unknown> = {}): Element {
  return { type: "RichTextBlock", inlines, spacing: "Small", ...more };
}

/** The marker travels as the id of an element, which Teams keeps and its history shows. */
export function markerId(marker: string): string {
  return `muster:${marker}`;
}

/** A message that is a card; `summary` is what a notification shows of it. */
export function activityOf(card: AdaptiveCard, summary: string) {
  return {
    type: "message",
    summary: summary.slice(0, 1_000),
    attachments: [{ contentType: CARD_TYPE, content: card }],
  };
}
