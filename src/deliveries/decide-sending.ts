import type { AppState } from "../state.ts";
import { deliveryOf } from "./fold.ts";
import type { Destination, Message } from "./port.ts";

/** What a record says was about to be sent when somebody stopped; nobody knows whether it was. */
export interface Sending {
  id: string;
  /** What it stands for: itself, or the messages that were merged. */
  ids: string[];
}

export type Step =
  /** It was about to be sent: find it, or send it again under the same marker. */
  | { do: "resume"; message: Message; parts: Message[] }
  | { do: "send"; message: Message; parts: Message[] }
  | { do: "skip"; message: Message; reason: string }
  /** The journal knows already what became of it. */
  | { do: "settle"; parts: Message[] };

export interface Situation {
  destination: Destination;
  state: AppState;
  /** What is not settled, in its order. */
  pending: readonly Message[];
  sending: readonly Sending[];
  /** What may be tried now, as far as pauses are concerned. */
  isDue(message: Message): boolean;
  /** Since when a message has been failing, in milliseconds since 1970. */
  failingSince(message: Message): number | undefined;
  /** May several be told as one? Not after the other side refused that. */
  merging: boolean;
  now: number;
}

const LATE_MS = 60_000;
const EXPIRES_MS = 24 * 3_600_000;
const MERGE_FROM = 3;
const MERGE_MOST = 40;
/** After this time the one behind is tried, to learn whether it is the message or the other side that is at fault. */
const SUSPECT_AFTER_MS = 60_000;

export function isLate({ lateMs = LATE_MS }: Pick<Destination, "lateMs">, { at }: Message, now: number): boolean {
  return now - Date.parse(at) >= lateMs;
}

/** The one thing that is to be done next about a destination; nothing while all that waits is pausing. Pure. */
export function nextStep(situation: Situation): Step | undefined {
  const { pending, now } = situation;
  const [head] = pending;
  if (!head) return undefined;
  const step = stepFor(situation, head);
  if (step.do === "skip" || step.do === "settle" || situation.isDue(step.message)) return step;
  const failingMs = now - (situation.failingSince(step.message) ?? now);
  const next = pending.find((one) => !step.parts.includes(one));
  if (!next || failingMs < SUSPECT_AFTER_MS) return undefined;
  const other = stepFor({ ...situation, merging: false }, next);
  return other.do === "skip" || other.do === "settle" || situation.isDue(other.message) ? other : undefined;
}

function stepFor(situation: Situation, head: Message): Step {
  const { destination, state, pending, sending } = situation;
  const open = sending.find(({ ids }) => ids.includes(head.id));
  const parts = open ? pending.filter(({ id }) => open.ids.includes(id)) : [head];
  const { sent } = deliveryOf(state, destination.id);
  if (open && sent.some(({ messageId }) => messageId === open.id)) return { do: "settle", parts };
  const reason = skipReason(situation, head);
  if (reason !== undefined) return { do: "skip", message: head, reason };
  if (!open) return mergedStep(situation, head) ?? { do: "send", message: head, parts };
  const message = open.ids.length > 1 ? merged(destination, parts, open.id) : head;
  return message ? { do: "resume", message, parts } : { do: "send", message: head, parts: [head] };
}

function skipReason({ destination, state, pending, now }: Situation, message: Message): string | undefined {
  const again = deliveryOf(state, destination.id).failed[message.id]?.again !== undefined;
  const isOld = now - Date.parse(message.at) >= (destination.expiresMs ?? EXPIRES_MS);
  if (isOld && !again) return "It is too old to be of use.";
  return destination.skip?.(message, { state, behind: pending.slice(pending.indexOf(message) + 1) });
}

function mergedStep({ destination, pending, merging, now }: Situation, head: Message): Step | undefined {
  const from = pending.indexOf(head);
  const others = pending.slice(from, from + MERGE_MOST);
  const fresh = others.findIndex((one) => !isLate(destination, one, now));
  const late = fresh < 0 ? others : others.slice(0, fresh);
  if (!merging || late.length < MERGE_FROM) return undefined;
  const message = merged(destination, late, `catch-up/${head.id}`);
  return message && { do: "send", message, parts: late };
}

function merged(destination: Destination, parts: readonly Message[], id: string): Message | undefined {
  const [first] = parts;
  const draft = first && destination.merge?.(parts);
  return draft && { ...draft, id, seq: first.seq, at: first.at };
}
