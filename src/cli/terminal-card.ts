import type { Colors } from "picocolors/types.js";
import type { Card, CardButton } from "../cards/card.ts";
import type { Command } from "../commands/command.ts";
import { fieldsOf } from "../commands/fields.ts";
import { tableLines, wrap } from "./layout.ts";

export interface Terminal {
  width: number;
  colors: Colors;
  commands: readonly Command[];
  /** How one called `dr`, so that what comes next can be pasted: the words before the verb, and those after it. */
  call?: { before: string; after: string };
}

const ICONS: Record<Card["status"], string> = {
  ok: "✓",
  info: "•",
  waiting: "?",
  warning: "!",
  danger: "✗",
  muted: "·",
};

/** A card as lines of text; what others typed cannot steer the terminal. */
export function terminalCard(given: Card, terminal: Terminal): string {
  const card = clean(given);
  const { width, colors } = terminal;
  const tone = toneOf(card.status, colors);
  const blocks = [
    wrap(`${ICONS[card.status]} ${card.title}`, width).map((line) => colors.bold(tone(line))),
    factLines(card, terminal),
    progressLine(card, terminal),
    (card.text ?? []).flatMap((text) => text.split("\n").flatMap((line) => wrap(line, width))),
    card.table && card.table.rows.length > 0
      ? tableLines(card.table, width, (cell) => cellTone(cell, colors), colors.dim)
      : [],
    buttonLines(card.buttons ?? [], terminal),
    card.context && card.context.length > 0 ? wrap(card.context.join(" · "), width).map(colors.dim) : [],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function factLines({ facts: stated = [], links = [] }: Card, { width, colors }: Terminal): string[] {
  const facts = [...stated, ...links.map(({ label, url }) => ({ label, value: url }))];
  const labelWidth = Math.min(34, Math.max(0, ...facts.map(({ label }) => label.length)));
  return facts.flatMap(({ label, value }) => {
    const labels = wrap(label, labelWidth);
    const values = wrap(value, Math.max(20, width - labelWidth - 2));
    return Array.from({ length: Math.max(labels.length, values.length) }, (_, index) =>
      `${colors.dim((labels[index] ?? "").padEnd(labelWidth))}  ${values[index] ?? ""}`.trimEnd(),
    );
  });
}

function progressLine({ progress }: Card, { colors }: Terminal): string[] {
  if (!progress) return [];
  const cells = 24;
  const full = progress.total === 0 ? cells : Math.round((progress.done / progress.total) * cells);
  return [`${colors.cyan("█".repeat(full))}${colors.dim("░".repeat(cells - full))} ${progress.label}`];
}

/** Buttons are commands: here one types them. A line of them is never broken, or it could not be pasted. */
function buttonLines(buttons: CardButton[], { width, colors, commands, call }: Terminal): string[] {
  if (buttons.length === 0) return [];
  const { before, after } = call ?? { before: "dr", after: "" };
  const lines = buttons.map((button) => [`${before} ${commandLine(button, commands)}${after}`, button.label] as const);
  const longest = Math.max(...lines.map(([line]) => line.length));
  const beside = lines.every(([, label]) => 2 + longest + 2 + label.length <= width);
  return [
    colors.dim("Next:"),
    ...lines.flatMap(([line, label]) =>
      beside
        ? [`  ${colors.cyan(line.padEnd(longest))}  ${colors.dim(label)}`]
        : [`  ${colors.dim(label)}`, `    ${colors.cyan(line)}`],
    ),
  ];
}

const BLANK = '"…"';

export function commandLine({ command: name, input, ask }: CardButton, commands: readonly Command[]): string {
  const command = commands.find((one) => one.name === name);
  const fields = command ? fieldsOf(command) : [];
  // What a person has yet to type stands where it belongs: in its place among the words, or behind its flag.
  const positionals = (command?.positionals ?? [])
    .filter((field) => field in input || field === ask?.field)
    .map((field) => (field in input ? quote(input[field]) : BLANK));
  const flags = Object.entries(input)
    .filter(([field]) => !command?.positionals.includes(field))
    .flatMap(([field, value]) => {
      const flag = fields.find((one) => one.name === field)?.flag ?? `--${field}`;
      return [value].flat().map((one) => (one === true ? flag : `${flag} ${quote(one)}`));
    });
  const asked =
    ask && !command?.positionals.includes(ask.field)
      ? [`${fields.find((one) => one.name === ask.field)?.flag ?? `--${ask.field}`} ${BLANK}`]
      : [];
  return [name, ...positionals, ...flags, ...asked].join(" ");
}

function quote(value: unknown): string {
  const text = String(value);
  return /^[\w:.,/@-]+$/.test(text) ? text : JSON.stringify(text);
}

function toneOf(status: Card["status"], colors: Colors): (text: string) => string {
  const { green, cyan, magenta, yellow, red, dim } = colors;
  return { ok: green, info: cyan, waiting: magenta, warning: yellow, danger: red, muted: dim }[status];
}

function cellTone(cell: string, colors: Colors): (text: string) => string {
  const { green, cyan, yellow, red, dim } = colors;
  const tones: Record<string, (text: string) => string> = {
    "✓": green,
    "✗": red,
    "▶": cyan,
    "↻": yellow,
    "!": yellow,
    "?": yellow,
    "○": dim,
    "–": dim,
  };
  const tone = cell[1] === " " || cell.length === 1 ? tones[cell[0] ?? ""] : undefined;
  return tone ?? ((text) => text);
}

/** Control characters and those that turn the direction of text can hide or forge what a terminal shows. */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�");
}

function clean<T>(value: T): T {
  if (typeof value === "string") return cleanText(value) as T;
  if (Array.isArray(value)) return value.map(clean) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, clean(one)])) as T;
}
