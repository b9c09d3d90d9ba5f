import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { CHANNEL } from "./postgres-append.ts";
import type { Connections } from "./postgres-connections.ts";
import { readHead } from "./postgres-events.ts";

export interface Listener {
  /** Resolves when the connection is gone. */
  stopped: Promise<void>;
  /** This handle's own writes are known here without the server's word. */
  saw(hash: string): void;
}

interface ListenerOptions {
  connections: Connections;
  /** The first word of this handle's own notifications. */
  sender: string;
  pollMs: number;
  onChange(): void;
}

const RECONNECT_PAUSE_MS = 250;

/**
 * Calls `onChange` when others wrote: told by the server over a connection of its own, and by a slow look at
 * the head, for what was told while that connection was away is told to nobody. Ends with the connections.
 * Rejects when the first connection fails; later ones are tried for as long as it takes.
 */
export async function startListener({ connections, sender, pollMs, onChange }: ListenerOptions): Promise<Listener> {
  const { place, closing } = connections;
  let known: string | undefined;

  async function connect() {
    const { client, isCurrent } = await connections.openOwn();
    client.on("notification", ({ payload = "" }) => {
      const [from, hash] = payload.split(" ");
      if (from === sender) return;
      known = hash;
      onChange();
    });
    try {
      await client.query(`LISTEN ${CHANNEL}`);
      await look(client);
    } catch (error) {
      void client.end();
      throw error;
    }
    return { client, isCurrent };
  }

  async function look(client: Client): Promise<void> {
    const { hash } = await readHead(client, place);
    const changed = known !== undefined && known !== hash;
    known = hash;
    if (changed) onChange();
  }

  async function watch(client: Client, isCurrent: () => boolean): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([closing, ended.signal]);
    client.once("end", () => ended.abort());
    try {
      while (isCurrent()) {
        await sleep(pollMs, undefined, { signal });
        await look(client);
      }
    } finally {
      void client.end();
    }
  }

  async function run(first: Awaited<ReturnType<typeof connect>>): Promise<void> {
    let connected: typeof first | undefined = first;
    while (!closing.aborted) {
      try {
        const { client, isCurrent } = connected ?? (await connect());
        await watch(client, isCurrent);
      } catch {
        // It went away, and its successor has the same to say.
      }
      connected = undefined;
      await sleep(Math.min(RECONNECT_PAUSE_MS, pollMs), undefined, { signal: closing }).catch(() => {});
    }
  }

  const stopped = run(await connect());
  return {
    stopped,
    saw(hash) {
      known = hash;
    },
  };
}
