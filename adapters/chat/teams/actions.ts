import type { CardButton } from "../../../src/cards/card.ts";
import { clip } from "../../../src/format.ts";
import type { Action, Element } from "./elements.ts";

/** Teams shows six actions in a row and hides the rest. */
const ROW = 6;
const MOST_BUTTONS = 24;
const LABEL = 60;
/** The command line takes any length. */
const LONGEST_BUTTONS_BYTES = 20_000;
export const LONGEST_ANSWER = 500;

/** What a button sends: the stored command call, and the message that it stands on. Ids only. */
export interface Stored {
  command: string;
  input: Record<string, unknown>;
  /** Field of the input that takes what the person typed. */
  ask?: string;
  /** The message of the channel that the button stands on. */
  message?: string;
  /** The rest of the input comes from the fields of a form. */
  form?: true;
}

const STYLES = { primary: "positive", danger: "destructive", default: "default" };

/** Up to six buttons stand below the card, where people expect them; more of them stand in rows. */
export function buttonRows(buttons: CardButton[], message?: string): { actions: Action[]; rows: Element[] } {
  const made: Action[] = [];
  let left = LONGEST_BUTTONS_BYTES;
  for (const button of buttons.slice(0, MOST_BUTTONS)) {
    const action = actionOf(button, message);
    left -= Buffer.byteLength(JSON.stringify(action));
    if (left >= 0) made.push(action);
  }
  if (made.length <= ROW) return { actions: made, rows: [] };
  const rows = Array.from({ length: Math.ceil(made.length / ROW) }, (_, row): Element => {
    return { type: "ActionSet", actions: made.slice(row * ROW, (row + 1) * ROW) };
  });
  return { actions: [], rows };
}

function actionOf({ label, style, command, input, confirm, ask }: CardButton, message: string | undefined): Action {
  const stored: Stored = { command, input, ...(ask && { ask: ask.field }), ...(message !== undefined && { message }) };
  const send = sendAction(label, style, stored);
  if (confirm === undefined && !ask) return send;
  const text = confirm === undefined ? [] : [plainBlock(clip(confirm, 1_000))];
  const field = ask ? [answerField(ask.label)] : [];
  const card = { type: "AdaptiveCard", version: "1.5", body: [...text, ...field], actions: [send] };
  return { type: "Action.ShowCard", title: clip(label, LABEL), style: STYLES[style], card };
}

/** Clients that do not know Execute send the same as a message. */
export function sendAction(label: string, style: CardButton["style"], stored: Stored): Action {
  const title = clip(label, LABEL);
  const data = { muster: stored };
  const fallback = { type: "Action.Submit", title, data };
  return { type: "Action.Execute", title, verb: "press", style: STYLES[style], data, fallback };
}

export function answerField(label: string): Element {
  return {
    type: "Input.Text",
    id: "answer",
    label: clip(label, 200),
    isMultiline: true,
    isRequired: true,
    errorMessage: "Please say why.",
    maxLength: LONGEST_ANSWER,
  };
}

function plainBlock(text: string): Element {
  return { type: "RichTextBlock", inlines: [{ type: "TextRun", text }] };
}
