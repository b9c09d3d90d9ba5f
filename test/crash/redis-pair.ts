import { readdirSync } from "node:fs";
import type { RegionState } from "../../lab/world/state.ts";
import { createRedisHost, flavours, type RedisProcess } from "../helpers/redis.ts";
import type { Effects } from "./effects.ts";
import { type RedisFront, startRedisFront } from "./redis-front.ts";

export interface RegionRedis {
  kill(): Promise<void>;
  restore(): Promise<void>;
  command(...parts: string[]): Promise<unknown>;
}

/** One Redis for each region, the second a replica of the first, each behind a door that keeps the record. */
export async function startRedisPair(regions: RegionState[], effects: Effects) {
  const [flavour] = flavours as [(typeof flavours)[number]];
  const host = createRedisHost(flavour);
  const fronts: RedisFront[] = [];
  const nameOf = (port: string) => regions.find(({ ports }) => `${ports.redis}` === port)?.code ?? port;
  const result: Record<string, RegionRedis> = {};
  for (const [index, { code, ports }] of regions.entries()) {
    const primary = regions[0]!.ports.redis;
    const process = await host.start(index === 0 ? {} : { replicaOf: { port: primary } });
    let known = copies(process);
    const noteCopies = () => {
      const now = copies(process);
      if (now !== known) effects.changed(`redis ${code} copies`, known, now);
      known = now;
    };
    const front = await startRedisFront({
      port: ports.redis,
      target: process.port,
      async onWrite([name = ""], remotePort) {
        await effects.asked(`redis ${code}`, remotePort);
        const before = await look(process, nameOf);
        return {
          async after() {
            // Written by another process, which no client waits for: on a busy machine longer than a request may take.
            if (/save$/i.test(name))
              void saved(process)
                .then(noteCopies, noteCopies)
                .catch(() => {});
            const after = await look(process, nameOf);
            for (const [what, value] of Object.entries(after)) {
              if (before[what] !== value) effects.changed(`redis ${code} ${what}`, before[what] ?? "", value);
            }
          },
        };
      },
    });
    fronts.push(front);
    result[code] = {
      command: process.command,
      async kill() {
        front.down();
        await process.kill();
      },
      async restore() {
        await process.startAgain();
        front.up();
      },
    };
  }
  await caughtUp(result, regions[1]!.code);
  const first = result[regions[0]!.code];
  await Promise.all(Array.from({ length: 20 }, (_, index) => first?.command("SET", `record-${index}`, "1")));
  await first?.command("WAIT", "1", "1000");
  return {
    flavour,
    regions: result,
    async stop() {
      for (const front of fronts) front.stop();
      await host.dispose();
    },
  };
}

async function caughtUp(redis: Record<string, RegionRedis>, replica: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const info = String(await redis[replica]?.command("INFO", "replication"));
    if (info.includes("master_link_status:up")) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the replica did not follow its primary");
}

/** The server forks for a copy and answers before it is written. */
async function saved(process: RedisProcess): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    if (!String(await process.command("INFO", "persistence")).includes("rdb_bgsave_in_progress:1")) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a change of this Redis would show in: its role and its fence. */
async function look(process: RedisProcess, nameOf: (port: string) => string): Promise<Record<string, string>> {
  const info = String(await process.command("INFO", "replication"));
  const field = (name: string) => new RegExp(`^${name}:(.*)\\r$`, "m").exec(info)?.[1] ?? "";
  const fence = (await process.command("CONFIG", "GET", "min-replicas-to-write")) as string[];
  const role = field("role") === "slave" ? `replica of ${nameOf(field("master_port"))}` : "primary";
  return { role, fence: fence[1] === "0" ? "none" : "set" };
}

function copies({ directory }: RedisProcess): string {
  const names = readdirSync(directory).filter((name) => /^diverged.*\.rdb$/.test(name));
  return names.sort().join(" ");
}
