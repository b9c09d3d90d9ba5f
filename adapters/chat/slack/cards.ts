import type { Card, CardButton } from "../../../src/cards/card.ts";
import { clip } from "../../../src/format.ts";
import { bold, type Inline, inline, lengthOf, type RichText, richText } from "./rich-text.ts";

/** Slack's own limits. https://docs.slack.dev/reference/block-kit/blocks */
const HEADER = 150;
const BUTTON_TEXT = 75;
const BUTTON_VALUE = 2_000;
const BLOCK_ID = 255;
const CONFIRM_TEXT = 300;
const ROW_OF_BUTTONS = 5;
const MOST_BUTTONS = 25;
const CONTEXT = 10;
/** Ours: a block that is longer is folded by Slack, and nobody opens it at night. */
const LONGEST_LINE = 500;
const LONGEST_BLOCK = 2_800;
/** All of a message's text together; Slack refuses a little above 13,000. */
const LONGEST_MESSAGE = 11_000;

export type Block = { type: string; block_id?: string } & Record<string, unknown>;

export interface Rendered {
  blocks: Block[];
  /** For notifications, and where blocks cannot be shown. */
  text: string;
  /** Something had to be left out: the whole is to be attached. */
  cut: boolean;
}

const ICONS: Record<Card["status"], string> = {
  ok: "✅",
  info: "🔵",
  waiting: "❓",
  warning: "⚠️",
  danger: "🔴",
  muted: "⚪",
};

/** A button's stored command call, as it travels in the button. */
export interface ButtonValue {
  command: string;
  input: Record<string, unknown>;
  ask?: { field: string; label: string };
  /** Shown in the form of a button that asks; one that does not has Slack's own dialog. */
  confirm?: string;
}

/** A card within Slack's limits. `id` and `at` are the message's: they name its blocks and date its times. */
export function slackCard(card: Card, { id, at }: { id: string; at: string }): Rendered {
  const budget = createBudget();
  const heading = `${ICONS[card.status]} ${card.title}`;
  // A title that does not fit is said whole in the body.
  const title = heading.length > HEADER ? [[bold(clip(card.title, LONGEST_BLOCK))]] : [];
  // Each in a block of its own, which Slack sets apart: what it is about, how far it is, the steps.
  const parts = [
    [...title, ...factLines(card, at), ...linkLines(card)],
    [...progressLines(card), ...textLines(card, at)],
    tableLines(card, at),
  ];
  const body = parts.flatMap((lines) => pack(budget.take(lines)));
  const buttons = buttonBlocks(card.buttons ?? [], id);
  const note = budget.cut() ? ["… what is missing here is attached below."] : [];
  const context = contextBlocks([...(card.context ?? []), ...note]);
  const header: Block = { type: "header", text: plain(clip(heading, HEADER)) };
  return {
    blocks: [header, ...body, ...buttons, ...context],
    text: escapeText(clip(card.fallback, 1_000)),
    cut: budget.cut(),
  };
}

/** One fact, in few words and without a frame. */
export function slackLine(card: Card, { at }: { at: string }): Rendered {
  const budget = createBudget();
  const lines = budget.take([
    [bold(`${ICONS[card.status]} `), ...inline(clip(card.title, 1_500), at)],
    ...textLines(card, at),
  ]);
  return {
    blocks: [...pack(lines), ...contextBlocks(card.context ?? [])],
    text: escapeText(clip(card.fallback, 1_000)),
    cut: budget.cut(),
  };
}

/** Slack reads these three in plain texts, and nothing else is needed to keep anybody from being called. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function factLines({ facts = [] }: Card, at: string): Inline[][] {
  return facts.map(({ label, value }) => [bold(`${label}: `), ...inline(clip(value, LONGEST_LINE), at)]);
}

/** The only links there are: text stays text, whatever it says. */
function linkLines({ links = [] }: Card): Inline[][] {
  return links.map(({ label, url }) => [bold(`${label}: `), { type: "link", url, text: clip(url, LONGEST_LINE) }]);
}

const CELLS = 12;

function progressLines({ progress }: Card): Inline[][] {
  if (!progress) return [];
  const full = progress.total === 0 ? CELLS : Math.round((progress.done / progress.total) * CELLS);
  return [[{ type: "text", text: `${"▰".repeat(full)}${"▱".repeat(CELLS - full)} ${progress.label}` }]];
}

function textLines({ text = [] }: Card, at: string): Inline[][] {
  return text.flatMap((paragraph) => paragraph.split("\n").map((line) => inline(clip(line, 1_500), at)));
}

const NOTHING = new Set(["", "–"]);
/** What src/cards writes in front of a step's state. */
const MARKED = /^([^\p{L}\p{N}\s–-]) (.+)$/u;

/** Phones have no room for columns: a mark and the first cell stand out, the others follow them. */
function tableLines({ table }: Card, at: string): Inline[][] {
  if (!table) return [];
  return table.rows.map(([first = "", ...rest]) => {
    const mark = rest.map((cell) => MARKED.exec(cell)?.[1]).find(Boolean);
    const others = rest.filter((cell) => !NOTHING.has(cell)).map((cell) => MARKED.exec(cell)?.[2] ?? cell);
    const name = bold(`${mark === undefined ? "" : `${mark} `}${clip(first, 200)}`);
    return [name, ...inline(clip(others.length === 0 ? "" : `  ${others.join(" · ")}`, LONGEST_LINE), at)];
  });
}

/** Lines into as few blocks as hold them. */
function pack(lines: Inline[][]): Block[] {
  const groups: Inline[][][] = [];
  let length = LONGEST_BLOCK;
  for (const line of lines) {
    const own = lengthOf(line) + 1;
    if (length + own > LONGEST_BLOCK) {
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(line);
    length += own;
  }
  return groups.map((group): RichText & Block => ({ ...richText(group) }));
}

function createBudget() {
  let left = LONGEST_MESSAGE;
  let wasCut = false;
  return {
    /** The lines that fit, and a mark where the rest would be. */
    take(lines: Inline[][]): Inline[][] {
      if (left < 0) return [];
      const kept: Inline[][] = [];
      for (const line of lines) {
        left -= lengthOf(line) + 1;
        if (left < 0) {
          wasCut = true;
          return [...kept, [{ type: "text", text: `… ${lines.length - kept.length} more lines` }]];
        }
        kept.push(line.length === 0 ? [{ type: "text", text: " " }] : line);
        wasCut ||= line.some((part) => part.type === "text" && part.text.endsWith("…"));
      }
      return kept;
    },
    cut: () => wasCut,
  };
}

function contextBlocks(context: string[]): Block[] {
  if (context.length === 0) return [];
  const shown =
    context.length > CONTEXT ? [...context.slice(0, CONTEXT - 1), context.slice(CONTEXT - 1).join(" · ")] : context;
  return [{ type: "context", elements: shown.map((text) => plain(clip(text, 1_000))) }];
}

function buttonBlocks(buttons: CardButton[], id: string): Block[] {
  const made = buttons.slice(0, MOST_BUTTONS).flatMap(buttonElement);
  const rows = Array.from({ length: Math.ceil(made.length / ROW_OF_BUTTONS) }, (_, row) =>
    made.slice(row * ROW_OF_BUTTONS, (row + 1) * ROW_OF_BUTTONS),
  );
  return rows.map((elements, row) => ({ type: "actions", block_id: clip(`${id}/buttons-${row}`, BLOCK_ID), elements }));
}

function buttonElement({ label, style, command, input, confirm, ask }: CardButton, index: number): Block[] {
  const stored: ButtonValue = { command, input, ...(ask && { ask, ...(confirm && { confirm: clip(confirm, 500) }) }) };
  const value = JSON.stringify(stored);
  // Slack would refuse the whole message; the command line takes any length.
  if (value.length > BUTTON_VALUE) return [];
  const dialog = confirm !== undefined && !ask && { confirm: confirmDialog(label, confirm, style) };
  return [
    {
      type: "button",
      action_id: `press/${index}`,
      text: plain(clip(label, BUTTON_TEXT)),
      value,
      ...(style !== "default" && { style }),
      ...dialog,
    },
  ];
}

function confirmDialog(label: string, text: string, style: CardButton["style"]) {
  return {
    title: plain(clip(label, 100)),
    text: plain(clip(text, CONFIRM_TEXT)),
    confirm: plain(clip(label, 30)),
    deny: plain("Cancel"),
    ...(style === "danger" && { style }),
  };
}

export function plain(text: string) {
  return { type: "plain_text", text: text === "" ? " " : text, emoji: false };
}

/** The card as text, for what did not fit. */
export function wholeText(card: Card): string {
  const facts = (card.facts ?? []).map(({ label, value }) => `${label}: ${value}`);
  const rows = (card.table?.rows ?? []).map((row) => row.join(" | "));
  const links = (card.links ?? []).map(({ label, url }) => `${label}: ${url}`);
  return [
    card.title,
    "",
    ...facts,
    ...links,
    "",
    ...(card.text ?? []),
    "",
    ...rows,
    "",
    (card.context ?? []).join(" · "),
  ].join("\n");
}
