import type { Card } from "../cards/card.ts";
import { count, instant } from "../format.ts";
import type { ChatMessage } from "./port.ts";

/** What is known of a message in the chat; kept as a record of the store. */
export interface Posted {
  /** `posting`: it was about to be posted and nobody knows whether it was. */
  state: "posting" | "posted" | "refused";
  /** Marker under which it stands or may stand: its own id, or that of the message it was merged into. */
  marker: string;
  ref?: string;
  /** Of what was last sent. */
  digest?: string;
  attached?: boolean;
  /** It stands where people of the channel find it. */
  pinned?: boolean;
}

/** A message as it should be, with a digest that stays the same while nothing but elapsed time changes. */
export interface Wanted {
  message: ChatMessage;
  digest: string;
}

export type Delivery =
  | { do: "resume"; wanted: Wanted; marker: string; thread?: string }
  | { do: "post"; wanted: Wanted; thread?: string }
  /** Several lines in one message. */
  | { do: "merge"; lines: Wanted[]; message: ChatMessage; thread?: string }
  | { do: "attach"; wanted: Wanted; ref: string }
  | { do: "update"; wanted: Wanted; ref: string }
  | { do: "pin"; wanted: Wanted; ref: string; pinned: boolean };

export interface Situation {
  wanted: readonly Wanted[];
  posted: ReadonlyMap<string, Posted>;
  /** When each card was last sent, in milliseconds since 1970. */
  editedAt: ReadonlyMap<string, number>;
  /** Has the platform a place for what people must find? */
  canPin?: boolean;
  now: number;
}

/** A line younger than this waits for its incident and its neighbours. */
const SETTLE_MS = 1_000;
/** Later than this it is told as something of the past, with others like it. */
const LATE_MS = 60_000;
/** From so many lines on, one message tells them all. */
const MERGE_FROM = 3;
const MERGE_MOST = 40;
/** A card that was sent so long ago goes before new lines when it has changed … */
const STALE_MS = 2_000;
/** … and one that only goes forward a little later, so that there is room for the others. */
const UNDER_WAY_MS = 4_000;

/** Pure: the one call to the chat that is due now, most important first; else when to look again. */
export function nextDelivery(situation: Situation): { delivery?: Delivery; wakeAt?: number } {
  const { wanted, posted, now } = situation;
  const open = wanted.find(({ message }) => posted.get(message.id)?.state === "posting");
  if (open) {
    const marker = posted.get(open.message.id)?.marker ?? open.message.id;
    return { delivery: { do: "resume", wanted: open, marker, ...threadRef(open.message, situation) } };
  }
  const fresh = wanted.filter(({ message }) => !posted.has(message.id) && !message.over && hasHead(message, situation));
  const cards = fresh.filter(({ message }) => message.form === "card");
  const card = cards.find(({ message }) => !isTimeline(message));
  if (card) return { delivery: { do: "post", wanted: card, ...threadRef(card.message, situation) } };
  const pin = pinDue(situation);
  if (pin) return { delivery: pin };
  const changed = changedCards(situation);
  const [stale] = changed.filter(
    ({ message }) => !isTimeline(message) && now - (situation.editedAt.get(message.id) ?? 0) >= staleMs(message),
  );
  if (stale) return { delivery: update(stale, posted) };
  // A long run has many parts of it: they must not keep people from seeing how the run stands.
  const [part] = cards;
  const lines = fresh.filter(({ message }) => message.form === "line");
  const settled = lines.filter(({ message }) => now - Date.parse(message.at) >= SETTLE_MS);
  const delivery =
    tellLines(settled, situation) ??
    attachment(situation) ??
    (part && { do: "post" as const, wanted: part, ...threadRef(part.message, situation) }) ??
    (changed[0] && update(changed[0], posted));
  if (delivery) return { delivery };
  const youngest = lines.at(0);
  return youngest ? { wakeAt: Date.parse(youngest.message.at) + SETTLE_MS } : {};
}

function isTimeline({ id }: ChatMessage): boolean {
  return id.startsWith("timeline-");
}

/** The end of a run waits for nothing. */
function staleMs({ card: { progress, status } }: ChatMessage): number {
  if (!progress) return STALE_MS;
  return status === "info" ? UNDER_WAY_MS : 0;
}

function update(wanted: Wanted, posted: Situation["posted"]): Delivery {
  return { do: "update", wanted, ref: posted.get(wanted.message.id)?.ref ?? "" };
}

/** Cards whose last sent form is not what they should be: questions to people first, long tables last. */
function changedCards({ wanted, posted }: Situation): Wanted[] {
  const rank = ({ message }: Wanted) => {
    if (isTimeline(message)) return 3;
    if (message.card.progress && message.card.status !== "info") return 0;
    return message.card.status === "waiting" || message.card.status === "danger" ? 1 : 2;
  };
  return wanted
    .filter(({ message, digest }) => {
      const known = posted.get(message.id);
      return message.form === "card" && known?.state === "posted" && known.ref !== undefined && known.digest !== digest;
    })
    .toSorted((one, other) => rank(one) - rank(other));
}

/** Where people meet stands on top as long as they meet there, and does not fill the channel's pins for ever. */
function pinDue({ wanted, posted, canPin }: Situation): Delivery | undefined {
  if (!canPin) return undefined;
  for (const one of wanted) {
    const { pin, id } = one.message;
    const known = posted.get(id);
    if (pin === undefined || known?.state !== "posted" || known.ref === undefined) continue;
    if (pin !== (known.pinned ?? false)) return { do: "pin", wanted: one, ref: known.ref, pinned: pin };
  }
  return undefined;
}

function attachment({ wanted, posted }: Situation): Delivery | undefined {
  const due = wanted.find(({ message }) => {
    const known = posted.get(message.id);
    return message.attach !== undefined && known?.state === "posted" && known.attached !== true;
  });
  const ref = due && posted.get(due.message.id)?.ref;
  return due && ref !== undefined ? { do: "attach", wanted: due, ref } : undefined;
}

/** In a thread only when its head stands; a head that is still to come is waited for. */
function hasHead({ thread }: ChatMessage, { wanted, posted }: Situation): boolean {
  if (thread === undefined || posted.get(thread)?.state === "posted") return true;
  const head = wanted.find(({ message }) => message.id === thread);
  return head === undefined || head.message.over === true || posted.get(thread)?.state === "refused";
}

function threadRef({ thread }: ChatMessage, { posted }: Situation): { thread?: string } {
  const ref = thread === undefined ? undefined : posted.get(thread)?.ref;
  return ref === undefined ? {} : { thread: ref };
}

function tellLines(settled: Wanted[], situation: Situation): Delivery | undefined {
  const late = settled.filter(({ message }) => situation.now - Date.parse(message.at) >= LATE_MS);
  if (late.length >= MERGE_FROM) {
    const lines = late.slice(0, MERGE_MOST);
    return { do: "merge", lines, message: mergedMessage(lines, `catch-up-${lines[0]?.message.id}`, true) };
  }
  const [first] = settled;
  if (!first) return undefined;
  const together = settled.filter(({ message }) => message.thread === first.message.thread && !message.attach);
  if (together.length < MERGE_FROM) return { do: "post", wanted: first, ...threadRef(first.message, situation) };
  const lines = together.slice(0, MERGE_MOST);
  const message = mergedMessage(lines, `merged-${lines[0]?.message.id}`, false);
  return { do: "merge", lines, message, ...threadRef(first.message, situation) };
}

function mergedMessage(lines: Wanted[], id: string, late: boolean): ChatMessage {
  const first = lines[0]?.message.at ?? "";
  const last = lines.at(-1)?.message.at ?? "";
  const what = count(lines.length, "event");
  const title = late
    ? `While this channel could not be reached: ${what} from ${instant(first)} to ${instant(last, first)}`
    : what;
  const card: Card = {
    title,
    status: late ? "warning" : "info",
    text: lines.map(({ message }) => `${instant(message.at, first)} ${message.card.title}`),
    ...(late && { context: ["Delivered late; the times are those at which it happened."] }),
    fallback: title,
  };
  return { id, at: first, form: "line", card };
}
