import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../src/errors.ts";
import type { AppendRequest, AppendResult, JournalStore } from "../../src/journal/store.ts";
import { createListeners } from "./listeners.ts";
import { type AppendProgress, attemptAppend } from "./postgres-append.ts";
import { type Connections, createConnections } from "./postgres-connections.ts";
import { findByKey, readEvents, readHead } from "./postgres-events.ts";
import { acquireLease, heldLeases, releaseLease } from "./postgres-leases.ts";
import { startListener } from "./postgres-listener.ts";
import { deleteRecord, getRecord, setRecord } from "./postgres-records.ts";
import { checkHead, migrate } from "./postgres-schema.ts";
import { readStandbys } from "./postgres-standbys.ts";

export interface PostgresStoreOptions {
  /**
   * `postgres://user:password@server:port/database?sslmode=verify-full`. Of several servers with commas between
   * them the one is used that takes writes.
   */
  url: string;
  /** How long one statement may take, a connection, and the search for what became of a lost answer. */
  timeoutMs?: number;
  /** How often the head is looked at, in case that a notification was lost. */
  pollMs?: number;
}

const TIMEOUT_MS = 5_000;
const POLL_MS = 5_000;
const RETRY_PAUSE_MS = 200;

/**
 * The store for several instances: one PostgreSQL database, made ready for the journal when it is empty. An
 * append resolves when it is as durable as the server was told to make it. Throws AppError `store-unavailable`
 * (retryable when it is a matter of time), `store-full`, `store-damaged`, and `config-invalid` for the address.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<JournalStore> {
  const { url, timeoutMs = TIMEOUT_MS, pollMs = POLL_MS } = options;
  const connections = createConnections(url, timeoutMs);
  const { place, use, closing } = connections;
  const listeners = createListeners();
  // Notifications carry it, so that a handle is not woken a second time by what it wrote itself.
  const sender = randomUUID();
  const onChange = () => listeners.notify();
  const listener = await prepare(connections)
    .then(() => startListener({ connections, sender, pollMs, onChange }))
    .catch(async (error) => {
      await connections.close();
      throw error;
    });

  return {
    async append(request) {
      const result = await appendOnce(connections, request, sender, timeoutMs);
      const last = result.outcome === "appended" ? result.events.at(-1) : undefined;
      if (last) {
        listener.saw(last.hash);
        listeners.notify();
      }
      return result;
    },
    read: (request) => use((client) => readEvents(client, request)),
    findByKey: (key) => use((client) => findByKey(client, key)),
    head: () => use((client) => readHead(client, place)),
    subscribe: (called) => listeners.subscribe(called),

    acquireLease: (name, holder, ttlMs) => use((client) => acquireLease(client, name, holder, ttlMs)),
    releaseLease: (name, holder, epoch) => use((client) => releaseLease(client, name, holder, epoch)),
    leases: () => use(heldLeases),

    getRecord: (key) => use((client) => getRecord(client, key)),
    setRecord: (key, value, fence) => use((client) => setRecord(client, key, value, fence)),
    deleteRecord: (key) => use((client) => deleteRecord(client, key)),

    describe: async () => ({ kind: "server", place, server: await connections.index(), ...(await use(readStandbys)) }),

    async close() {
      if (closing.aborted) return;
      listeners.clear();
      await connections.close();
      await listener.stopped;
    },
  };
}

async function prepare({ place, use }: Connections): Promise<void> {
  await use(async (client) => {
    await migrate(client, place);
    await checkHead(client, place);
  });
}

/**
 * An append whose answer was lost is neither reported as failed nor sent a second time: its next attempt, under
 * the lock that every writer needs, first sees whether it stands.
 */
async function appendOnce(
  { place, use, closing }: Connections,
  request: AppendRequest,
  sender: string,
  patienceMs: number,
): Promise<AppendResult> {
  const progress: AppendProgress = {};
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await use((client) => attemptAppend(client, request, place, sender, progress));
    } catch (error) {
      const passes = error instanceof AppError && error.retryable;
      if (progress.unanswered === undefined || !passes) throw error;
      if (performance.now() >= deadline) throw unansweredError(place, error);
      await sleep(RETRY_PAUSE_MS, undefined, { signal: closing }).catch(() => {});
    }
  }
}

function unansweredError(place: string, cause: unknown): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `The journal at ${place} went away before it said whether the last write stands.`,
    hint: "Asking again is safe: what stands is found by its keys, and not written twice.",
    retryable: true,
    cause,
  });
}
