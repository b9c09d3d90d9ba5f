import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Divergence } from "../../src/detection/events.ts";

export interface CompareLimits {
  maxKeys: number;
  maxBytes: number;
  /** Milliseconds. */
  within: number;
  examples: number;
  names: boolean;
  now(): number;
  signal: AbortSignal;
}

const BATCH = 500;

/** Goes through both copies once. Reads only. What was cut says so, and its counts are at least so many. */
export async function compareCopies(old: Redis, taken: Redis, limits: CompareLimits): Promise<Divergence> {
  const found: Divergence = {
    onlyOld: 0,
    onlyNew: 0,
    differing: 0,
    compared: 0,
    shown: limits.names ? "names" : "hashes",
    examples: [],
  };
  const until = limits.now() + limits.within;
  const cut = (reason: string) => {
    found.cut ??= reason;
    return false;
  };
  const goOn = () => {
    limits.signal.throwIfAborted();
    return limits.now() < until || cut(`it was stopped after ${limits.within} ms`);
  };
  let bytes = 0;
  const note = (what: "only-old" | "differing", database: number, key: Buffer) => {
    if (found.examples.length < limits.examples)
      found.examples.push({ what, record: limits.names ? nameOf(database, key) : fingerprint(database, key) });
  };

  async function compareBatch(database: number, keys: Buffer[]): Promise<boolean> {
    const mine = await dumps(old, keys);
    const theirs = await dumps(taken, keys);
    // Time goes on in both: a record that expired between two looks is in neither.
    const still = await existing(old, keys);
    for (const [index, key] of keys.entries()) {
      const [own, other] = [mine[index], theirs[index]];
      if (!own || !still[index]) continue;
      found.compared++;
      bytes += own.length;
      if (!other) {
        found.onlyOld++;
        note("only-old", database, key);
      } else if (!own.equals(other)) {
        found.differing++;
        note("differing", database, key);
      }
    }
    return bytes <= limits.maxBytes || cut(`it was stopped after ${bytes} bytes of values`);
  }

  async function countBatch(_: number, keys: Buffer[]): Promise<boolean> {
    const there = await existing(old, keys);
    const still = await existing(taken, keys);
    found.onlyNew += keys.filter((_key, index) => !there[index] && still[index]).length;
    return true;
  }

  await walk(old, [old, taken], limits, cut, goOn, compareBatch);
  await walk(taken, [old, taken], limits, cut, goOn, countBatch);
  return found;
}

/** Every key of a copy, once, in batches; both connections are in the database of the batch. */
async function walk(
  redis: Redis,
  both: Redis[],
  { maxKeys }: CompareLimits,
  cut: (reason: string) => boolean,
  goOn: () => boolean,
  use: (database: number, keys: Buffer[]) => Promise<boolean>,
): Promise<void> {
  let walked = 0;
  for (const database of await databasesOf(redis)) {
    for (const one of both) await one.call("SELECT", `${database}`);
    // SCAN may give a key twice while a table shrinks.
    const seen = new Set<string>();
    let cursor = "0";
    do {
      if (!goOn()) return;
      const [next, keys] = (await redis.callBuffer("SCAN", cursor, "COUNT", `${BATCH}`)) as [Buffer, Buffer[]];
      cursor = next.toString();
      const fresh = keys.filter((key) => {
        const name = key.toString("latin1");
        return !seen.has(name) && seen.add(name);
      });
      walked += fresh.length;
      if (fresh.length > 0 && !(await use(database, fresh))) return;
      if (walked >= maxKeys && cursor !== "0" && !cut(`it was stopped after ${walked} keys`)) return;
    } while (cursor !== "0");
  }
}

/** The keyspace section has a line per database that holds anything. */
async function databasesOf(redis: Redis): Promise<number[]> {
  const info = await redis.info("keyspace");
  return [...info.matchAll(/^db(\d+):keys=([1-9]\d*)/gm)].map(([, database]) => Number(database));
}

async function dumps(redis: Redis, keys: Buffer[]): Promise<(Buffer | null)[]> {
  return (await Promise.all(keys.map((key) => redis.callBuffer("DUMP", key)))) as (Buffer | null)[];
}

async function existing(redis: Redis, keys: Buffer[]): Promise<boolean[]> {
  return (await Promise.all(keys.map((key) => redis.call("EXISTS", key)))).map((answer) => answer === 1);
}

function nameOf(database: number, key: Buffer): string {
  return `${database === 0 ? "" : `db${database}:`}${key.toString("utf8")}`.slice(0, 200);
}

/** The same for the same key everywhere, so that whoever knows a key can look it up, and nobody else can read it. */
export function fingerprint(database: number, key: Buffer | string): string {
  return createHash("sha256").update(`${database}/`).update(key).digest("hex").slice(0, 16);
}
