import type { Card } from "../cards/card.ts";

/**
 * The port to one chat. Each platform renders the neutral card within its own limits, keeps its own pace, and
 * turns what people do there into `Inbound`. One contract suite (test/contracts/chat-port.ts) says what each must do.
 */

/** One message of the channel. Its id stays, so that it is edited where it stands. */
export interface ChatMessage {
  /** An incident's, a run's or an approval's id, `timeline-<incident>-<part>`, `e<sequence>` for a line, and so on. */
  id: string;
  /** When what it says happened (ISO 8601): shown, because a message may be delivered late. */
  at: string;
  /** A card is edited as things go on; a line says one fact and stays. */
  form: "card" | "line";
  card: Card;
  /** Id of the message in whose thread it stands. */
  thread?: string;
  /** What it asks or says is over: it is edited where it stands, and not posted any more where it does not. */
  over?: boolean;
  /** Kept where people of the channel find it; false: not any more. Absent for most. */
  pin?: boolean;
  /** The incident whose documents go into its thread, once. */
  attach?: { incidentId: string; version: number };
}

export interface ChatFile {
  /** `postmortem.md` */
  name: string;
  text: string;
}

export interface PostOptions {
  /** Kept with the message where only programs see it, so that `find` knows it again. */
  marker: string;
  /** What `post` gave for the message in whose thread this one belongs. */
  thread?: string;
  signal: AbortSignal;
}

export interface ChatPort {
  /** "slack", "teams": names the chat in records, events and people's identities. */
  readonly id: string;
  /** For people: "Slack". */
  readonly name: string;
  /** The least time between two calls about the channel. */
  readonly paceMs: number;
  /**
   * Posts to the channel and answers with what `update` needs to find the message again. Not repeatable: after a
   * lost answer `find` tells whether it stands. Throws AppError `vendor-throttled` with `retryAfterMs`,
   * `vendor-unavailable` (retryable), or `vendor-rejected` when a person must mend something.
   */
  post(message: ChatMessage, options: PostOptions): Promise<string>;
  /** Repeatable. Throws AppError `not-found` when somebody has deleted the message; else as `post` does. */
  update(ref: string, message: ChatMessage, signal: AbortSignal): Promise<void>;
  /** The message with this marker among the latest of the channel (in the given thread, where one is named). */
  find(marker: string, options: { thread?: string; signal: AbortSignal }): Promise<string | undefined>;
  /** Attaches files in the thread of a message. */
  upload(ref: string, files: ChatFile[], signal: AbortSignal): Promise<void>;
  /**
   * Keeps a message where everybody in the channel finds it, or does so no more. Repeatable. Absent where the
   * platform has no such place, or none that a bot may use.
   */
  pin?(ref: string, pinned: boolean, signal: AbortSignal): Promise<void>;
  /** An address at which people can open the message; undefined where the chat has none. */
  permalink(ref: string, signal: AbortSignal): Promise<string | undefined>;
  /** For one person's eyes only. */
  tell(account: string, card: Card, signal: AbortSignal): Promise<void>;
}

/** Who does something in a chat, as that chat calls them. */
export interface ChatAccount {
  /** Unique within the chat, over all its workspaces: `U012AB3CD`, or `<tenant>/<object id>`. */
  account: string;
  /** For people; never trusted. */
  name: string;
}

interface Delivery {
  /** The same for a redelivery, another one for everything else. */
  deliveryId: string;
  from: ChatAccount;
}

/** What people do in a chat, in neutral words. The adapter has verified where it comes from. */
export type Inbound = Delivery &
  (
    | { kind: "command"; text: string }
    /** A stored command call; what a person was asked for has been put into `input`. */
    | { kind: "press"; command: string; input: Record<string, unknown> }
    | { kind: "pin"; pinned: boolean; message: PinnedMessage }
    | { kind: "edit"; messageId: string; text: string }
    | { kind: "delete"; messageId: string }
  );

/** A message of the chat that belongs on the timeline. */
export interface PinnedMessage {
  /** Unique within the chat: channel and timestamp. */
  messageId: string;
  /** Who wrote it, for people. */
  author: string;
  at: string;
  text: string;
  permalink?: string;
}

/** What the adapter shows to whoever asked. */
export interface Reply {
  /** `private`: to this person only. `none`: the channel's own messages will show it. */
  visibility: "private" | "none";
  card: Card;
  files?: ChatFile[];
}

/** What an adapter asks of the core. All of it may be called at any time, and again. */
export interface ChatHandlers {
  handle(inbound: Inbound): Promise<Reply | undefined>;
  /** A message of the channel as this account should see it: with the buttons that it may press. */
  present(messageId: string, account: ChatAccount): Promise<ChatMessage | undefined>;
  /** Buttons for what this person may do; those without input for a form that asks for it. */
  menu(account: ChatAccount): Promise<Card>;
  /** What a person's own page shows: the situation, what waits for them, recent incidents, readiness. */
  home(account: ChatAccount): Promise<Card[]>;
  /** What a form offers for choice. */
  choices(): Promise<{ regions: { code: string; name: string; active: boolean }[] }>;
}

/** A chat that can be connected: its port, and the ways in. */
export interface ChatConnection {
  port: ChatPort;
  /** Listens to the chat, and goes on trying while it does not answer: a chat that is away stops nothing. */
  start(handlers: ChatHandlers): void;
  stop(): Promise<void>;
  /** An address of Muster's own server that the platform calls; `handle` verifies the caller itself. */
  door?: { path: string; handle(request: Request): Promise<Response> };
}
