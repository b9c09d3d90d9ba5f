import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { listen, readAll } from "../contracts/journal-store-fixture.ts";
import { type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { usePostgres } from "../helpers/use-postgres.ts";
import { openFixture, type PostgresFixture } from "../store/postgres-fixture.ts";

const APPENDER = join(import.meta.dirname, "..", "store", "postgres-appender.ts");

describe.skipIf(!postgresInstalled)("the PostgreSQL store among processes", () => {
  let server: PostgresServer;
  let fixture: PostgresFixture;
  const children: ChildProcess[] = [];
  usePostgres((started) => {
    server = started;
  });
  beforeEach(async () => {
    // A look at the head would find what no notification told: none comes in the time of a test.
    fixture = await openFixture(server, { pollMs: 600_000 });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await fixture.dispose();
  });

  /** Resolves when it is connected; it appends when it is told to. */
  async function startAppender(name: string, count: number) {
    const child = spawn(process.execPath, [APPENDER, fixture.url, name, `${count}`], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    children.push(child);
    let output = "";
    let errors = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    const ended = once(child, "close").then(([code]) => ({ code, errors }));
    const acknowledged = () =>
      output
        .split("\n")
        .slice(0, -1)
        .map((line): StoredEvent => JSON.parse(line));
    await once(child, "message");
    return { child, ended, acknowledged, go: () => child.send("go") };
  }

  it("keeps one gapless chain of what two of them append at the same time", async () => {
    const appenders = await Promise.all(["one", "two"].map((name) => startAppender(name, 100)));
    for (const { go } of appenders) go();
    for (const { ended } of appenders) expect(await ended).toEqual({ code: 0, errors: "" });
    const events = await readAll(fixture.store);
    const acknowledged = appenders.flatMap((appender) => appender.acknowledged());
    expect(acknowledged.toSorted((one, other) => one.seq - other.seq)).toEqual(events);
    expect(await verifyChain(fixture.store)).toMatchObject({ ok: true, events: 200 });
    const changes = events.filter(({ key }, index) => key.slice(0, 3) !== events[index - 1]?.key.slice(0, 3));
    // One after the other there would be two; how often they take turns is the machine's business.
    expect(changes.length, "they did not run at the same time").toBeGreaterThan(2);
  }, 30_000);

  it("tells one of them at once what another one wrote", async () => {
    const called = listen(fixture.store);
    const appender = await startAppender("one", 1);
    appender.go();
    await called.promise;
    await appender.ended;
    expect(called.count()).toBe(1);
    expect(await readAll(fixture.store)).toEqual(appender.acknowledged());
  }, 30_000);

  it("keeps what a killed one had acknowledged, and goes on without it", async () => {
    const killed = await startAppender("one", 1_000_000);
    killed.go();
    await expect.poll(() => killed.acknowledged().length).toBeGreaterThan(20);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const other = await startAppender("two", 5);
    other.go();
    expect(await other.ended).toEqual({ code: 0, errors: "" });
    const events = await readAll(fixture.store);
    const acknowledged = killed.acknowledged();
    expect(events.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(events.length - acknowledged.length - 5).toBeOneOf([0, 1]);
    expect(await verifyChain(fixture.store)).toMatchObject({ ok: true });
  }, 30_000);
});
