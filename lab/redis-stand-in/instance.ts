import { randomBytes } from "node:crypto";
import type { Configuration } from "./config.ts";
import { openData } from "./data.ts";
import { type Follower, followPrimary } from "./follower.ts";
import { createHistory } from "./history.ts";
import { createReplicas } from "./primary.ts";

/** One stand-in: its data, its place in replication, its saves. Commands act on it. */
export type Instance = ReturnType<typeof createInstance>;

const PING_MS = 1000;
const SAVE_TAKES_MS = 20;

export function createInstance(config: Configuration) {
  const data = openData(config.get("dir") ?? ".");
  const history = createHistory();
  const replicas = createReplicas(history);
  const saves = { inProgress: false, count: 0, lastAt: now(), lastStatus: "ok" };
  let follower: Follower | undefined;

  const count = (name: string, otherwise: number) => Number(config.get(name) ?? otherwise);

  /** Acknowledged only after it is in the file, and on its way to the replicas. */
  function propagate(parts: (string | number)[]): void {
    replicas.feed(history.append(parts));
  }

  function apply(parts: string[], stream: Buffer): void {
    const [command, key, value, , expiresAt] = parts;
    if (command === "SET") data.set(key!, value!, expiresAt === undefined ? undefined : Number(expiresAt));
    else if (command === "DEL") for (const one of parts.slice(1)) data.delete(one);
    replicas.feed(stream);
  }

  function follow(host: string, port: number): void {
    if (follower?.host === host && follower.port === port) return;
    follower?.stop();
    replicas.dropAll();
    config.set("replicaof", `${host} ${port}`);
    follower = followPrimary({
      host,
      port,
      history,
      announcePort: count("replica-announce-port", count("port", 0)),
      password: config.get("masterauth"),
      timeoutMs: count("repl-timeout", 60) * 1000,
      load(dump) {
        data.restore(dump);
        replicas.dropAll();
      },
      apply,
    });
  }

  function promote(): void {
    if (!follower) return;
    follower.stop();
    follower = undefined;
    config.set("replicaof", undefined);
    history.fork();
  }

  /** Why a write is refused, in Redis's own words; undefined when it is not. */
  function refusal(): string | undefined {
    if (follower) return "READONLY You can't write against a read only replica.";
    const wanted = count("min-replicas-to-write", 0);
    const maxLag = count("min-replicas-max-lag", 10);
    if (wanted > 0 && maxLag > 0 && replicas.good(maxLag) < wanted)
      return "NOREPLICAS Not enough good replicas to write.";
    return undefined;
  }

  function save(): void {
    const directory = config.get("dir") ?? ".";
    try {
      data.save(directory, config.get("dbfilename") ?? "dump.rdb");
      Object.assign(saves, { lastStatus: "ok", lastAt: now(), count: saves.count + 1 });
    } catch {
      saves.lastStatus = "err";
    }
  }

  /** The file is written at once, under the name of this moment; that it is done is said a little later. */
  function saveInBackground(): boolean {
    if (saves.inProgress) return false;
    saves.inProgress = true;
    save();
    setTimeout(() => {
      saves.inProgress = false;
    }, SAVE_TAKES_MS);
    return true;
  }

  const [host, port] = (config.get("replicaof") ?? "").split(" ");
  if (host && port) follow(host, Number(port));
  setInterval(() => {
    if (!follower && replicas.list().length > 0) propagate(["PING"]);
  }, PING_MS);

  return {
    config,
    data,
    history,
    replicas,
    saves,
    runId: randomBytes(20).toString("hex"),
    startedAt: Date.now(),
    follower: () => follower,
    follow,
    promote,
    propagate,
    refusal,
    save,
    saveInBackground,
    count,
  };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
