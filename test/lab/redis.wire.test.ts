import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRespClient, type RespClient } from "../../lab/resp/client.ts";
import type { RespValue } from "../../lab/resp/parse.ts";
import { pickPorts } from "../../lab/world/ports.ts";
import { type Child, createProcesses, type Processes } from "../../lab/world/processes.ts";
import { findRedis, type RedisFlavour, startRedis } from "../../lab/world/redis-server.ts";
import type { RegionPorts } from "../../lab/world/state.ts";
import { eventually } from "./eventually.ts";

const real = findRedis(undefined);
const flavours: RedisFlavour[] = [findRedis("stand-in")];
if (real.flavour === "redis") flavours.push(real);
else console.warn("redis-server is not installed: these promises are kept for the stand-in only.");

/** The same expectations of the real server and of the stand-in: what the adapters and the pods rely on. */
describe.each(flavours)("$label", (flavour) => {
  let directory: string;
  let processes: Processes;
  let open: RespClient[];

  interface Started {
    child: Child;
    client: RespClient;
    ports: RegionPorts;
    directory: string;
    again(reconfigure: boolean): Started;
  }

  function start(name: string, ports: RegionPorts, replicaOf?: RegionPorts, reconfigure = true): Started {
    const settings = {
      minReplicasToWrite: 0,
      ...(replicaOf && { replicaOf: { host: "127.0.0.1", port: replicaOf.redisServer } }),
    };
    const files = { directory: join(directory, name), ports, settings, majorVersion: flavour.majorVersion };
    const child = startRedis(processes, name, flavour, files, reconfigure);
    const client = createRespClient({ port: ports.redisServer, timeoutMs: 2000 });
    open.push(client);
    return { child, client, ports, directory: files.directory, again: (anew) => start(name, ports, replicaOf, anew) };
  }

  async function ports(): Promise<RegionPorts> {
    const [edge, redis, kubernetes, redisServer] = await pickPorts(4);
    return { edge: edge!, redis: redis!, kubernetes: kubernetes!, redisServer: redisServer! };
  }

  const up = ({ client }: Started) => eventually(async () => expect(await client.command("PING")).toBe("PONG"));

  async function pair(): Promise<{ primary: Started; replica: Started }> {
    const primary = start("primary", await ports());
    const replica = start("replica", await ports(), primary.ports);
    await up(primary);
    await up(replica);
    await eventually(async () => expect(await field(replica, "master_link_status")).toBe("up"));
    return { primary, replica };
  }

  async function field(of: Started, name: string): Promise<string | undefined> {
    const info = String(await of.client.command("INFO"));
    return new RegExp(`^${name}:(.*)\r$`, "m").exec(info)?.[1];
  }

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "muster-lab-redis-"));
    processes = createProcesses(directory);
    open = [];
  });

  afterEach(async () => {
    for (const client of open) client.close();
    await processes.killAll();
    rmSync(directory, { recursive: true, force: true });
  });

  it("keeps what it acknowledged through kill -9", async () => {
    const first = start("alone", await ports());
    await up(first);
    expect(await first.client.command("SET", "record:1", "ä ✓", "EX", 900)).toBe("OK");
    first.child.signal("SIGKILL");
    await first.child.exited;
    const second = first.again(false);
    await up(second);
    expect(await second.client.command("MGET", "record:1", "record:2")).toEqual(["ä ✓", null]);
    expect(await second.client.command("TTL", "record:1")).toBeGreaterThan(800);
    expect(await second.client.command("DBSIZE")).toBe(1);
    expect(await second.client.command("DEL", "record:1", "record:2")).toBe(1);
    expect(await second.client.command("GET", "record:1")).toBeNull();
  });

  it("forgets a key when its time is over", async () => {
    const one = start("alone", await ports());
    await up(one);
    await one.client.command("SET", "short", "x", "PX", 30);
    await eventually(async () => expect(await one.client.command("GET", "short")).toBeNull());
  });

  it("feeds a replica, which refuses writes and comes to stand where its primary stands", async () => {
    const { primary, replica } = await pair();
    for (let record = 1; record <= 20; record++)
      await primary.client.command("SET", `record:${record}`, "x", "EX", 900);
    expect(await primary.client.command("WAIT", 1, 2000)).toBe(1);
    expect(await replica.client.command("GET", "record:20")).toBe("x");
    await expect(replica.client.command("SET", "record:21", "x")).rejects.toMatchObject({ code: "READONLY" });
    expect(await field(replica, "master_replid")).toBe(await field(primary, "master_replid"));
    await eventually(async () => {
      expect(await field(replica, "slave_repl_offset")).toBe(await field(primary, "master_repl_offset"));
    });
    const position = Number(await field(primary, "master_repl_offset"));
    await primary.client.command("SET", "record:22", "x");
    expect(Number(await field(primary, "master_repl_offset"))).toBeGreaterThan(position + 30);
  });

  it("says its role, its primary and its link", async () => {
    const { primary, replica } = await pair();
    const [role, host, port, link] = (await replica.client.command("ROLE")) as RespValue[];
    expect([role, host, port, link]).toEqual(["slave", "127.0.0.1", primary.ports.redisServer, "connected"]);
    await eventually(async () => {
      const [primaryRole, , replicas] = (await primary.client.command("ROLE")) as RespValue[];
      expect(primaryRole).toBe("master");
      // The replica is known by its own region's gate.
      expect(replicas).toEqual([["127.0.0.1", String(replica.ports.redis), expect.any(String)]]);
    });
    primary.child.signal("SIGKILL");
    await eventually(async () => expect(await field(replica, "master_link_status")).toBe("down"));
    expect(((await replica.client.command("ROLE")) as RespValue[])[3]).not.toBe("connected");
  });

  it("notices a primary that says nothing any more, although no connection was closed", async () => {
    const { primary, replica } = await pair();
    primary.child.signal("SIGSTOP");
    await eventually(async () => expect(await field(replica, "master_link_status")).toBe("down"), 15_000);
    primary.child.signal("SIGCONT");
    await eventually(async () => expect(await field(replica, "master_link_status")).toBe("up"), 15_000);
  });

  it("takes writes in a new history once it is promoted, and keeps the old one's name", async () => {
    const { primary, replica } = await pair();
    const before = await field(primary, "master_replid");
    expect(await replica.client.command("REPLICAOF", "NO", "ONE")).toBe("OK");
    expect(await replica.client.command("SET", "record:1", "x")).toBe("OK");
    expect(await field(replica, "role")).toBe("master");
    expect(await field(replica, "master_replid")).not.toBe(before);
    expect(await field(replica, "master_replid2")).toBe(before);
  });

  it("gives up what only it holds when it follows another", async () => {
    const { primary, replica } = await pair();
    await replica.client.command("REPLICAOF", "NO", "ONE");
    await primary.client.command("SET", "only-old", "x");
    await replica.client.command("SET", "only-new", "x");
    await primary.client.command("REPLICAOF", "127.0.0.1", replica.ports.redisServer);
    await eventually(async () => expect(await primary.client.command("GET", "only-new")).toBe("x"));
    expect(await primary.client.command("GET", "only-old")).toBeNull();
  });

  it("goes on from where the link broke, without a full copy", async () => {
    const { primary, replica } = await pair();
    await replica.client.command("REPLICAOF", "NO", "ONE");
    await replica.client.command("SET", "after", "x");
    // The old primary has nothing that the new one lacks, so it continues in the new history.
    await primary.client.command("REPLICAOF", "127.0.0.1", replica.ports.redisServer);
    await eventually(async () => expect(await primary.client.command("GET", "after")).toBe("x"));
    expect(await field(primary, "master_replid")).toBe(await field(replica, "master_replid"));
    expect([await field(replica, "sync_full"), await field(replica, "sync_partial_ok")]).toEqual(["0", "1"]);
  });

  it("refuses writes while it is fenced by min-replicas-to-write, and takes them again after", async () => {
    const { primary } = await pair();
    await primary.client.command("CONFIG", "SET", "min-replicas-to-write", 2_147_483_647);
    await expect(primary.client.command("SET", "a", "b")).rejects.toMatchObject({ code: "NOREPLICAS" });
    expect(await primary.client.command("CONFIG", "GET", "min-replicas-to-write")).toEqual([
      "min-replicas-to-write",
      "2147483647",
    ]);
    await primary.client.command("CONFIG", "SET", "min-replicas-to-write", 1);
    await eventually(async () => expect(await primary.client.command("SET", "a", "b")).toBe("OK"));
  });

  it("has after a restart what CONFIG REWRITE kept, and only that when its file is written anew", async () => {
    const first = start("alone", await ports());
    await up(first);
    await first.client.command("CONFIG", "SET", "min-replicas-to-write", 3);
    expect(await first.client.command("CONFIG", "REWRITE")).toBe("OK");
    const limit = async (of: Started) =>
      ((await of.client.command("CONFIG", "GET", "min-replicas-to-write")) as string[])[1];
    first.child.signal("SIGKILL");
    await first.child.exited;
    const second = first.again(false);
    await up(second);
    expect(await limit(second)).toBe("3");
    second.child.signal("SIGKILL");
    await second.child.exited;
    const third = second.again(true);
    await up(third);
    expect(await limit(third)).toBe("0");
  });

  it("saves its data under the file name that is in force, and counts its saves", async () => {
    const one = start("alone", await ports());
    await up(one);
    await one.client.command("SET", "a", "b");
    const saves = Number((await field(one, "rdb_saves")) ?? -1);
    await one.client.command("CONFIG", "SET", "dbfilename", "diverged.rdb");
    expect(await one.client.command("BGSAVE")).toBe("Background saving started");
    await one.client.command("CONFIG", "SET", "dbfilename", "dump.rdb");
    await eventually(async () => expect(await field(one, "rdb_bgsave_in_progress")).toBe("0"));
    expect(await field(one, "rdb_last_bgsave_status")).toBe("ok");
    if (saves >= 0) expect(Number(await field(one, "rdb_saves"))).toBe(saves + 1);
    expect(readdirSync(one.directory)).toContain("diverged.rdb");
    expect(readdirSync(one.directory)).not.toContain("dump.rdb");
    expect(await one.client.command("LASTSAVE")).toBe(Number(await field(one, "rdb_last_save_time")));
  });

  it("refuses what it does not know in Redis's words, and stays", async () => {
    const one = start("alone", await ports());
    await up(one);
    await expect(one.client.command("FROBNICATE", "x")).rejects.toThrow("unknown command");
    await expect(one.client.command("GET")).rejects.toThrow("wrong number of arguments");
    await expect(one.client.command("CONFIG", "SET", "nope", 1)).rejects.toThrow("Unknown option");
    await expect(one.client.command("SET", "a", "b", "EX", 0)).rejects.toThrow("invalid expire time");
    await expect(one.client.command("REPLICAOF", "127.0.0.1", 70_000)).rejects.toThrow("Invalid master port");
    expect(await one.client.command("PING")).toBe("PONG");
  });
});

describe("The stand-in", () => {
  it("says that it is one", async () => {
    expect(findRedis("stand-in").label).toBe("Redis stand-in");
    const directory = mkdtempSync(join(tmpdir(), "muster-lab-redis-"));
    const processes = createProcesses(directory);
    const [redisServer] = await pickPorts(1);
    const ports = { edge: 1, redis: 1, kubernetes: 1, redisServer: redisServer! };
    startRedis(
      processes,
      "one",
      findRedis("stand-in"),
      { directory, ports, settings: { minReplicasToWrite: 0 }, majorVersion: 7 },
      true,
    );
    const client = createRespClient({ port: redisServer!, timeoutMs: 1000 });
    try {
      await eventually(async () =>
        expect(String(await client.command("INFO", "server"))).toContain("redis_mode:stand-in"),
      );
    } finally {
      client.close();
      await processes.killAll();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
