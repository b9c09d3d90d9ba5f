import type { JournalStore } from "../../../src/journal/store.ts";

/** Where the bot is reached and who has spoken to it; learnt from each activity and kept as a record of the store. */
export interface References {
  serviceUrl: string;
  /** `28:<app id>`: how Teams calls the bot. */
  botId: string;
  /** Latest first. `userId` is Teams's own (`29:…`), `account` ours. */
  people: { account: string; userId: string }[];
}

/** As many as Teams refreshes cards for. */
const MOST_PEOPLE = 60;

export type RecordStore = Pick<JournalStore, "getRecord" | "setRecord">;

export function createReferences(
  store: RecordStore,
  initial: Pick<References, "serviceUrl" | "botId">,
  tenantId: string,
) {
  // Another app or tenant on the same store has its own.
  const key = `teams/${tenantId}/${initial.botId}`;
  let known: References = { ...initial, people: [] };
  let writing: Promise<unknown> = Promise.resolve();

  /** Read each time, because another instance may have heard of a newer address; the last known while the store is away. */
  async function current(): Promise<References> {
    const text = await store.getRecord(key).catch(() => undefined);
    if (text !== undefined) known = JSON.parse(text) as References;
    return known;
  }

  async function write(next: { serviceUrl: string; botId: string; account?: string; userId?: string }): Promise<void> {
    const before = await current();
    const { serviceUrl, botId, account, userId } = next;
    const others = before.people.filter((one) => one.account !== account);
    const isNew = account !== undefined && userId !== undefined && !before.people.some((one) => one.userId === userId);
    if (!isNew && before.serviceUrl === serviceUrl && before.botId === botId) return;
    const people = isNew ? [{ account, userId }, ...others].slice(0, MOST_PEOPLE) : before.people;
    known = { serviceUrl, botId, people };
    await store.setRecord(key, JSON.stringify(known)).catch(() => {});
  }

  return {
    current,
    /** What an activity tells of where and who; one write at a time. */
    learn(next: Parameters<typeof write>[0]): Promise<void> {
      const done = writing.then(() => write(next));
      writing = done.catch(() => {});
      return done;
    },
  };
}

export type KnownReferences = ReturnType<typeof createReferences>;
