import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

/** What an event gives a destination to tell. */
export interface Draft<Body = unknown> {
  /** Tells apart what one event gives more than one of. */
  part?: string;
  /** For people: `page of inc-1: genai-api is down in us-east-1`. */
  what: string;
  incidentId?: string;
  runId?: string;
  /** That it arrived is no news; that it did not is. */
  quiet?: boolean;
  body: Body;
}

export interface Message<Body = unknown> extends Draft<Body> {
  /** Of the event's key, and so the same for the same thing for ever. */
  id: string;
  /** Sequence of the event. */
  seq: number;
  /** When what it tells happened (ISO 8601); it may be told later. */
  at: string;
}

export interface SendContext {
  /** The same whenever the same message is sent again: a key against doubles, or what `find` looks for. */
  marker: string;
  /** So much later than it happened that it must say so. */
  late: boolean;
  signal: AbortSignal;
}

/**
 * Somewhere that is told one thing for each event: a pager, a mailbox, a webhook. The worker in this folder keeps
 * order and pace, repeats, remembers and gives up; a destination says what there is to tell and makes one call.
 * One contract suite (test/contracts/destination.ts) says what every one does.
 */
export interface Destination<Body = unknown> {
  /** Names it in the journal and in records; never renamed. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** The least time between two calls. */
  readonly paceMs: number;
  /** Later than this a message is late; a minute when not given. */
  readonly lateMs?: number;
  /** Older than this a message is not told any more; a day when not given. */
  readonly expiresMs?: number;
  /**
   * What an event gives to tell; pure. The state, of that moment or later, adds names and details, and must not decide
   * whether there is something: what was passed over is not looked at again.
   */
  messagesOf(event: DomainEvent, state: AppState): Draft<Body>[];
  /** Why a message need not be told any more, now that it could be; pure. `behind` are those that follow it. */
  skip?(message: Message<Body>, now: { state: AppState; behind: readonly Message<Body>[] }): string | undefined;
  /** Several late messages as one, where that serves people better; pure. */
  merge?(late: readonly Message<Body>[]): Draft<Body> | undefined;
  /**
   * Makes one call, without attempts of its own, and answers with the other side's id where it gives one. Throws
   * AppError: `vendor-throttled` with `retryAfterMs`, else `retryable` says whether it goes on being tried. Without
   * `find` a message may be sent twice after a crash, under the same marker.
   */
  send(message: Message<Body>, context: SendContext): Promise<string | undefined>;
  /** The other side's id of what was sent under this marker, for destinations that know no key against doubles. */
  find?(marker: string, context: { message: Message<Body>; signal: AbortSignal }): Promise<string | undefined>;
}

function messageId({ key }: Pick<DomainEvent, "key">, { part }: Pick<Draft, "part">): string {
  return part === undefined ? key : `${key}#${part}`;
}

export function messagesOf(destination: Destination, event: DomainEvent, state: AppState): Message[] {
  const drafts = destination.messagesOf(event, state);
  return drafts.map((draft) => ({ ...draft, id: messageId(event, draft), seq: event.seq, at: event.at }));
}
