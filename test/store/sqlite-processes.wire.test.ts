import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { fill, openFixture, type SqliteFixture } from "./fixture.ts";

const APPENDER = join(import.meta.dirname, "appender.ts");

describe("the SQLite store among processes", () => {
  let fixture: SqliteFixture;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    fixture = await openFixture();
    await fixture.store.close();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await fixture.dispose();
  });

  /** Resolves when the child has acknowledged its first event. */
  async function startAppender() {
    const child = spawn(process.execPath, [APPENDER, fixture.directory], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let output = "";
    let errors = "";
    const ended = once(child, "close");
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (chunk) => {
        output += chunk;
        resolve();
      });
      child.on("exit", () => reject(new Error(`The appender ended at once: ${errors}`)));
    });
    /** Kills it and answers the last sequence that it acknowledged. */
    const kill = async () => {
      child.kill("SIGKILL");
      await ended;
      return Number(output.trimEnd().split("\n").at(-1));
    };
    return { pid: child.pid, kill };
  }

  it("refuses a second process with the first one's id and a way to go on, and lets it in after kill -9", async () => {
    const appender = await startAppender();
    const refusal = {
      code: "store-locked",
      summary: expect.stringContaining(`process ${appender.pid},`),
      hint: expect.stringMatching(/npm run dr .*--data/),
    };
    expect(() => openSqliteStore(fixture)).toThrow(expect.objectContaining(refusal));
    expect(() => openSqliteReader(fixture)).toThrow(expect.objectContaining(refusal));
    await appender.kill();
    const store = openSqliteStore(fixture);
    expect((await store.head()).seq).toBeGreaterThan(0);
    await store.close();
  });

  it("keeps every acknowledged event, and at most one more, when it is killed in the middle of a stream", async () => {
    for (let round = 0; round < 10; round++) {
      const appender = await startAppender();
      const delayMs = Math.random() * 60;
      await sleep(delayMs);
      const acknowledged = await appender.kill();
      const what = `round ${round}, killed after ${delayMs} ms at event ${acknowledged}`;

      // As the CLI finds it when the server will not start, and as the next server does.
      for (const open of [openSqliteReader, openSqliteStore]) {
        const journal = open(fixture);
        const head = await journal.head();
        expect(head.seq - acknowledged, what).toBeGreaterThanOrEqual(0);
        expect(head.seq - acknowledged, what).toBeLessThanOrEqual(1);
        expect(await verifyChain(journal), what).toMatchObject({ ok: true, events: head.seq });
        expect(await journal.findByKey(`key/${acknowledged - 1}`), what).toMatchObject({ seq: acknowledged });
        await journal.close();
      }
    }
  }, 60_000);

  it("frees what a killed process held, under a greater epoch", async () => {
    const before = openSqliteStore(fixture);
    await before.acquireLease("executor", "one", 60_000);
    await before.close();
    const after = openSqliteStore(fixture);
    expect(await after.acquireLease("executor", "two", 60_000)).toMatchObject({ holder: "two", epoch: 2 });
    const fenced = { lease: "executor", epoch: 1 };
    expect(await after.setRecord("cursor", "1", fenced)).toBe("fenced");
    await after.close();
  });

  it("lets a reader see a journal between two servers, without keeping the next one out", async () => {
    const first = openSqliteStore(fixture);
    await fill(first, 3);
    await first.close();
    const reader = openSqliteReader(fixture);
    expect(await reader.read({ after: 1, limit: 10 })).toMatchObject([{ seq: 2 }, { seq: 3 }]);
    expect(await reader.findByKey("key/0")).toMatchObject({ seq: 1 });

    const second = openSqliteStore(fixture);
    await fill(second, 1, 3);
    await expect(reader.head()).rejects.toMatchObject({ code: "store-locked" });
    await second.close();
    expect(await reader.head()).toMatchObject({ seq: 4 });
    await reader.close();
  });
});
