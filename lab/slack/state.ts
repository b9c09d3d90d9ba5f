import { SCOPES } from "./scopes.ts";

/** What the fake workspace holds. One workspace, one bot, people by name. */
export interface SlackMessage {
  ts: string;
  channel: string;
  user: string;
  text: string;
  blocks?: unknown[];
  thread_ts?: string;
  metadata?: unknown;
  edits: number;
  /** People of the channel find it at the top. */
  pinned?: boolean;
  files: { name: string; text: string }[];
  /** Emoji, and the users who reacted with it. */
  reactions?: Record<string, string[]>;
}

/** Only this person sees it. */
export interface PrivateMessage {
  ts: string;
  channel: string;
  user: string;
  text: string;
  blocks: unknown[];
}

export interface OpenView {
  id: string;
  hash: string;
  user: string;
  view: Record<string, unknown>;
}

export const TEAM = "T0LAB";
export const BOT_USER = "U0MUSTER";
export const CHANNEL = "C0INCIDENTS";

export interface SlackState {
  /** What the bot's token may do. */
  scopes: Set<string>;
  /** Has the bot been invited to the channel? */
  botIsMember: boolean;
  /** User id by name, both ways by look-up. */
  users: Map<string, string>;
  messages: SlackMessage[];
  private: PrivateMessage[];
  views: Map<string, OpenView>;
  homes: Map<string, Record<string, unknown>>;
  triggers: Map<string, { user: string; until: number }>;
  uploads: Map<string, { name: string; text: string }>;
  /** Timestamps count up, so that no two messages share one. */
  clock: number;
}

export function createState(names: readonly string[]): SlackState {
  return {
    scopes: new Set(["commands", ...Object.values(SCOPES).flat(), "reactions:read"]),
    botIsMember: true,
    users: new Map(names.map((name, index) => [name, `U${String(index + 1).padStart(3, "0")}`])),
    messages: [],
    private: [],
    views: new Map(),
    homes: new Map(),
    triggers: new Map(),
    uploads: new Map(),
    clock: 0,
  };
}

/** What was said, for a later start; tokens, triggers and open forms are of one start only. */
export function savedState({ messages, private: shown, homes, clock }: SlackState) {
  return { messages, private: shown.slice(-200), homes: [...homes], clock };
}

export function restoreState(state: SlackState, saved: ReturnType<typeof savedState>): void {
  Object.assign(state, { ...saved, homes: new Map(saved.homes) });
}

/** Shows something to one person alone. */
export function showPrivately(state: SlackState, shown: { user: string; text: string; blocks: unknown[] }): string {
  const ts = nextTs(state);
  state.private.push({ ts, channel: CHANNEL, ...shown });
  return ts;
}

/** Where Slack takes answers to what somebody did, for half an hour. */
export interface ResponseUrl {
  user: string;
  left: number;
  /** Of the message whose button was pressed. */
  ts?: string;
}

/** Only a button's address has an original to replace. */
export function respond(state: SlackState, to: ResponseUrl | undefined, body: string): boolean {
  if (!to || to.left === 0) return false;
  to.left -= 1;
  const said = JSON.parse(body) as { text?: string; blocks?: unknown[]; replace_original?: boolean };
  const { text = "", blocks = [], replace_original: replaces } = said;
  const original = replaces === true && state.messages.find(({ ts }) => ts === to.ts);
  if (original) Object.assign(original, { text, blocks });
  else showPrivately(state, { user: to.user, text, blocks });
  return true;
}

export function nextTs(state: SlackState): string {
  state.clock += 1;
  return `${Math.floor(Date.now() / 1_000)}.${String(state.clock).padStart(6, "0")}`;
}

export function userIdOf({ users }: SlackState, name: string): string {
  const id = users.get(name);
  if (!id) throw new Error(`the workspace has nobody called ${name}`);
  return id;
}

/** The form on top, where this person has one open. */
export function openViewOf(state: SlackState, name: string): OpenView {
  const open = [...state.views.values()].findLast(({ user }) => user === userIdOf(state, name));
  if (!open) throw new Error(`${name} has no form open`);
  return open;
}

export const directChannel = (user: string): string => `D${user.slice(1)}`;
