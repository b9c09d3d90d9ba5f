import type { Card } from "../../../src/cards/card.ts";
import { clip } from "../../../src/format.ts";
import { buttonRows } from "./actions.ts";
import { type AdaptiveCard, bold, type Element, frame, line, linkRun, markerId, run } from "./elements.ts";

/** Teams takes 80 KB a message: these, the buttons and the frame stay below it together. */
const LONGEST_BODY_BYTES = 25_000;
const LONGEST_NOTICE_BYTES = 12_000;
const LONGEST_CONTEXT = 2_000;
const LONGEST_TITLE = 300;
const LONGEST_LINE = 500;
const LONGEST_PARAGRAPH = 4_000;

export interface CardOptions {
  /** Known again by it in the channel's history. */
  marker?: string;
  /** The message of the channel that it shows: its buttons are made anew for whoever looks. */
  messageId?: string;
  /** Teams's own ids of the people for whom it is made anew at once; everybody's when empty. */
  people?: readonly string[];
  form?: "card" | "line";
  /** An answer to this person alone, above everything else. */
  notice?: Card;
}

const MOST_PEOPLE = 60;
const STYLES: Record<Card["status"], string> = {
  ok: "good",
  info: "accent",
  waiting: "accent",
  warning: "warning",
  danger: "attention",
  muted: "emphasis",
};
const ICONS: Record<Card["status"], string> = {
  ok: "✅",
  info: "🔵",
  waiting: "❓",
  warning: "⚠️",
  danger: "🔴",
  muted: "⚪",
};

/** A card within Teams's limits. Text runs mark nothing up and, as no mention is declared, mention nobody. */
export function adaptiveCard(card: Card, options: CardOptions = {}): AdaptiveCard {
  const { marker, messageId, form = "card", notice } = options;
  const body = createBody(LONGEST_BODY_BYTES);
  const heading = `${ICONS[card.status]} ${card.title}`;
  const style = form === "card" ? { weight: "Bolder", size: "Medium" } : {};
  const title = line([run(clip(heading, LONGEST_TITLE), style)], messageId === undefined ? {} : { id: messageId });
  const told = notice ? [noticeOf(notice)] : [];
  const whole = heading.length > LONGEST_TITLE ? [line([run(body.clip(card.title, LONGEST_PARAGRAPH), bold)])] : [];
  body.add([...whole, ...bodyLines(card, body.clip)]);
  const { actions, rows } = buttonRows([...(notice?.buttons ?? []), ...(card.buttons ?? [])], messageId);
  const cut = body.cut() ? ["… is left out here: the control room and the CLI show all of it."] : [];
  const context = [...(card.context ?? []), ...cut].map((text) => clip(text, LONGEST_LINE));
  return {
    ...frame([
      ...told,
      {
        type: "Container",
        ...(marker !== undefined && { id: markerId(marker) }),
        ...(form === "card" && { style: STYLES[card.status], bleed: true }),
        items: [title],
      },
      ...body.elements,
      ...rows,
      ...(context.length > 0
        ? [line([run(clip(context.join(" · "), LONGEST_CONTEXT), { isSubtle: true, size: "Small" })])]
        : []),
    ]),
    ...(actions.length > 0 && { actions }),
    ...(messageId !== undefined && card.buttons?.length && { refresh: refreshOf(messageId, options.people ?? []) }),
    msteams: { width: "Full" },
  };
}

function bodyLines(card: Card, short: typeof clip): Element[] {
  const { facts = [], links = [], progress, text = [], table } = card;
  const bar = progress ? [line([run(barOf(progress))])] : [];
  const paragraphs = text.flatMap((paragraph) => paragraph.split("\n"));
  return [
    ...facts.map(({ label, value }) => line([run(`${short(label, 100)}: `, bold), run(short(value, LONGEST_LINE))])),
    ...links.map(({ label, url }) => line([run(`${short(label, 100)}: `, bold), linkRun(url)])),
    ...bar,
    ...paragraphs.map((one) => line([run(short(one, LONGEST_PARAGRAPH))])),
    // Phones have no room for columns: the first cell stands out, the others follow it.
    ...(table?.rows ?? []).map(([first = "", ...rest]) => {
      const others = rest.filter((cell) => cell !== "").join(" · ");
      return line([
        run(short(first, LONGEST_LINE), bold),
        ...(others ? [run(`  ${short(others, LONGEST_LINE)}`)] : []),
      ]);
    }),
  ];
}

const CELLS = 12;

function barOf({ done, total, label }: NonNullable<Card["progress"]>): string {
  const full = total === 0 ? CELLS : Math.round((done / total) * CELLS);
  return `${"▰".repeat(full)}${"▱".repeat(CELLS - full)} ${label}`;
}

/** Lines as long as there is room, and a mark where the rest would be. */
function createBody(mostBytes: number) {
  const elements: Element[] = [];
  let left = mostBytes;
  let wasCut = false;
  return {
    elements,
    clip(text: string, longest: number): string {
      wasCut ||= text.length > longest;
      return clip(text, longest);
    },
    add(lines: Element[]): void {
      for (const [index, one] of lines.entries()) {
        left -= Buffer.byteLength(JSON.stringify(one));
        if (left < 0) {
          wasCut = true;
          elements.push(line([run(`… ${lines.length - index} more lines`)]));
          return;
        }
        elements.push(one);
      }
    },
    cut: () => wasCut,
  };
}

function noticeOf(card: Card): Element {
  const body = createBody(LONGEST_NOTICE_BYTES);
  body.add(bodyLines(card, body.clip));
  return {
    type: "Container",
    style: STYLES[card.status],
    bleed: true,
    items: [
      line([run("Only you see this. ", { isSubtle: true }), run(clip(card.title, LONGEST_LINE), bold)]),
      ...body.elements,
    ],
  };
}

function refreshOf(messageId: string, people: readonly string[]) {
  return {
    action: { type: "Action.Execute", title: "Refresh", verb: "refresh", data: { muster: { refresh: messageId } } },
    ...(people.length > 0 && { userIds: people.slice(0, MOST_PEOPLE) }),
  };
}
