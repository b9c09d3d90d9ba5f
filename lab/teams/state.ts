/** What the fake tenant holds: one team with one channel, one bot, people by name. */
export interface TeamsMessage {
  /** A time in milliseconds, as Teams's own ids are. */
  id: string;
  conversation: string;
  /** Head of its thread in the channel; its own id for a head. */
  root?: string;
  /** `28:…` for the bot. */
  from: string;
  text: string;
  card?: Record<string, unknown>;
  edits: number;
}

export const TENANT = "11111111-1111-4111-8111-111111111111";
export const TEAM = "22222222-2222-4222-8222-222222222222";
export const CHANNEL = "19:incidents@thread.tacv2";
export const CHANNEL_LINK = `https://teams.microsoft.com/l/channel/${encodeURIComponent(CHANNEL)}/Incidents?groupId=${TEAM}&tenantId=${TENANT}`;

export interface Person {
  name: string;
  /** Teams's own id. */
  userId: string;
  objectId: string;
  /** Whether the app may write to this person. */
  installed: boolean;
}

export interface TeamsState {
  people: Person[];
  messages: TeamsMessage[];
  /** Conversation by person, once it was created. */
  personal: Map<string, string>;
  /** Conversations in which the bot was seen typing, each time anew. */
  typing: string[];
  /** Ids count up, so that no two messages share one. */
  clock: number;
}

export function createState(names: readonly string[]): TeamsState {
  const people = names.map((name, index) => {
    const digits = String(index + 1).padStart(12, "0");
    return { name, userId: `29:${name}`, objectId: `33333333-3333-4333-8333-${digits}`, installed: true };
  });
  return { people, messages: [], personal: new Map(), typing: [], clock: Date.now() };
}

export function nextId(state: TeamsState): string {
  state.clock = Math.max(state.clock + 1, Date.now());
  return String(state.clock);
}

export function personOf({ people }: TeamsState, name: string): Person {
  const found = people.find((one) => one.name === name);
  if (!found) throw new Error(`the tenant has nobody called ${name}`);
  return found;
}

/** Looked for by either of a person's ids. */
export function personById({ people }: TeamsState, id: string): Person | undefined {
  return people.find(({ userId, objectId }) => userId === id || objectId === id);
}

export function personalConversation(state: TeamsState, { name }: Person): string {
  const known = state.personal.get(name) ?? `a:${name}`;
  state.personal.set(name, known);
  return known;
}

const KEPT = 500;

/** What was said and who has the app, for the next start. */
export function savedState({ people, messages, personal, clock }: TeamsState) {
  return { people, messages: messages.slice(-KEPT), personal: [...personal], clock };
}

export function restoreState(state: TeamsState, saved: ReturnType<typeof savedState>): void {
  state.messages = saved.messages;
  state.personal = new Map(saved.personal);
  state.clock = saved.clock;
  for (const person of state.people)
    person.installed = saved.people.find(({ name }) => name === person.name)?.installed ?? person.installed;
}
