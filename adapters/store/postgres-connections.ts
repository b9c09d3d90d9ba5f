import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientBase, type ClientConfig, Pool, type PoolClient } from "pg";
import { AppError } from "../../src/errors.ts";
import { parseAddress } from "./postgres-address.ts";
import { closedError, leavesOpen, storeError } from "./postgres-errors.ts";
import { createSession } from "./postgres-session.ts";

const MAX_CONNECTIONS = 5;
const MAX_WAITING = 1_000;
const CLOSE_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;

export interface Connections {
  /** For people: without user and password. */
  place: string;
  /** Which server of the address is used, from 0. */
  index(): Promise<number>;
  /** Aborted by `close`. */
  closing: AbortSignal;
  /** Runs `work` on a connection to the server that takes writes. Throws AppError; the connection is dropped then. */
  use<T>(work: (client: ClientBase) => Promise<T>): Promise<T>;
  /** A connection outside the pool, and whether its server is still the one that is used. The caller ends it. */
  openOwn(): Promise<{ client: Client; isCurrent(): boolean }>;
  close(): Promise<void>;
}

interface Server {
  config: ClientConfig;
  pool: Pool;
}

export function createConnections(url: string, timeoutMs: number): Connections {
  const { place, servers } = parseAddress(url);
  const configs = servers.map((connectionString) => toConfig(connectionString));
  const session = createSession(place, servers.length > 1);
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  let current: Promise<Server> | undefined;

  function toConfig(connectionString: string): ClientConfig {
    return {
      connectionString,
      application_name: "muster",
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      connectionTimeoutMillis: timeoutMs,
      statement_timeout: timeoutMs,
      // A frozen instance loses its locks before the others lose their patience.
      idle_in_transaction_session_timeout: timeoutMs * 0.5,
      lock_timeout: timeoutMs * 0.75,
      // The server's own bounds come first, unless it does not answer at all.
      query_timeout: timeoutMs * 1.5,
      stream: () => {
        const socket = new Socket();
        sockets.add(socket);
        return socket.once("close", () => sockets.delete(socket));
      },
    };
  }

  function openPool(config: ClientConfig): Server {
    const pool = new Pool({ ...config, pipeline: true, max: MAX_CONNECTIONS, onConnect: session.begin });
    // A connection that ends while nobody uses it is no news, and must not end the process.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    return { config, pool };
  }

  async function connectTo(config: ClientConfig): Promise<Client> {
    const client = new Client(config);
    client.on("error", () => {});
    try {
      await client.connect();
      await session.begin(client);
      return client;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  /** Asks all servers, so that an old primary that came back is not taken for the one that followed it. */
  async function findServer(): Promise<Server> {
    const [only] = configs;
    if (only && configs.length === 1) return openPool(only);
    const asked = await Promise.allSettled(
      configs.map(async (config) => {
        // One that is not there at all must not cost the patience of those who wait.
        const client = await connectTo({ ...config, connectionTimeoutMillis: timeoutMs / 2 });
        const timeline = await session.timeline(client).finally(() => client.end());
        return { config, timeline };
      }),
    );
    const [found] = asked
      .flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []))
      .toSorted((one, other) => other.timeline - one.timeline);
    if (found) return openPool(found.config);
    throw asked.find((answer) => answer.status === "rejected")?.reason;
  }

  function server(): Promise<Server> {
    if (current) return current;
    const found = findServer();
    current = found;
    found.catch(() => forget(found));
    return found;
  }

  /** With one server only there is nothing else to find. */
  function forget(found: Promise<Server>): void {
    if (current !== found || configs.length === 1) return;
    current = undefined;
    found.then(({ pool }) => pool.end()).catch(() => {});
  }

  async function checkOut(used: Promise<Server>): Promise<PoolClient> {
    const { pool } = await used;
    if (pool.waitingCount >= MAX_WAITING) throw crowdedError(place);
    try {
      return await pool.connect();
    } catch (error) {
      forget(used);
      throw error;
    }
  }

  async function use<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    if (closing.signal.aborted) throw closedError(place);
    const used = server();
    let client: PoolClient | undefined;
    try {
      client = await checkOut(used);
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      if (closing.signal.aborted) throw closedError(place);
      // Perhaps another server takes the writes now.
      if (!(error instanceof AppError) && leavesOpen(error)) forget(used);
      throw storeError(place, error);
    }
  }

  return {
    place,
    index: async () => configs.indexOf((await server()).config),
    closing: closing.signal,
    use,
    async openOwn() {
      if (closing.signal.aborted) throw closedError(place);
      const used = server();
      try {
        const client = await connectTo((await used).config);
        return { client, isCurrent: () => current === used };
      } catch (error) {
        forget(used);
        throw storeError(place, error);
      }
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      const ended = current?.then(({ pool }) => pool.end()).catch(() => {});
      await Promise.race([ended, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
    },
  };
}

function crowdedError(place: string): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `${MAX_WAITING} requests are waiting for the journal at ${place} already.`,
    hint: "Try again in a moment.",
    retryable: true,
  });
}
