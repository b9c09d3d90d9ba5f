/**
 * The neutral model of everything that is shown to people. Each surface (CLI, control room, Slack, Teams)
 * renders it within its own limits; a card never holds markup.
 */
export interface Card {
  title: string;
  /** Colour and icon of the whole card. */
  status: "ok" | "info" | "waiting" | "warning" | "danger" | "muted";
  /** Label and value pairs, in order. */
  facts?: { label: string; value: string }[];
  progress?: { done: number; total: number; label: string };
  /** Paragraphs; plain text. */
  text?: string[];
  /** Step lists, timelines, readiness: rows under named columns. */
  table?: { columns: string[]; rows: string[][] };
  /** Where to go, from the plan and from nobody else; `https` only. */
  links?: { label: string; url: string }[];
  buttons?: CardButton[];
  /** Events of the journal that it rests on; a surface that can leads there. */
  citations?: { label: string; event: number }[];
  /** Small print: ids, times. */
  context?: string[];
  /** One line for notifications and for surfaces that show nothing else. */
  fallback: string;
}

/** A button is a stored command call: pressing it runs `command` as the person who presses. */
export interface CardButton {
  label: string;
  style: "primary" | "danger" | "default";
  command: string;
  input: Record<string, unknown>;
  /** Asked before the command is sent. */
  confirm?: string;
  /** The person must type a text that goes into this input field (a reason, say). */
  ask?: { field: string; label: string };
}
