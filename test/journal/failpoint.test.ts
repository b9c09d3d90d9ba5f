import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { loadConfig } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import { formatFailpoint, parseFailpoints, withFailpoints } from "../../src/journal/failpoint.ts";
import type { JournalStore } from "../../src/journal/store.ts";

let directory: string;
let store: JournalStore;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-failpoint-"));
  store = openSqliteStore({ directory });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What stood in the journal when the process would have ended. */
async function endingAt(text: string, keys: string[]): Promise<{ reached: string; standing: number }[]> {
  const ends: Promise<{ reached: string; standing: number }>[] = [];
  const watched = withFailpoints(store, parseFailpoints(text), (failpoint) => {
    ends.push(store.head().then(({ seq }) => ({ reached: formatFailpoint(failpoint), standing: seq })));
  });
  for (const [version, key] of keys.entries()) {
    const events = [{ key, kind: "note.added", actor: "operator", data: {} }];
    await watched.append({
      stream: "app/x",
      expectedVersion: version,
      events,
      at: new Date(0).toISOString(),
      instance: "a",
    });
  }
  return Promise.all(ends);
}

describe("a failpoint", () => {
  it("is reached before the write stands, or after", async () => {
    expect(await endingAt("kill before b/1, stop after b/1", ["a/1", "b/1", "c/1"])).toEqual([
      { reached: "kill before b/1", standing: 1 },
      { reached: "stop after b/1", standing: 2 },
    ]);
  });

  it("is reached once, by a key whose unknown parts are stars, and of that length only", async () => {
    expect(await endingAt("kill after a/*", ["a/1/x", "a/2", "a/3"])).toEqual([
      { reached: "kill after a/*", standing: 2 },
    ]);
  });

  it("is not reached by a write that was refused", async () => {
    const watched = withFailpoints(store, parseFailpoints("kill after a/1"), () => {
      throw new Error("reached");
    });
    const events = [{ key: "a/1", kind: "note.added", actor: "operator", data: {} }];
    const request = { stream: "app/x", expectedVersion: 7, events, at: new Date(0).toISOString(), instance: "a" };
    expect((await watched.append(request)).outcome).toBe("conflict");
  });

  it("that cannot be read is refused with an example", () => {
    expect(() => parseFailpoints("kill whenever")).toThrow(expect.objectContaining({ code: "config-invalid" }));
  });

  it("is refused where people need tokens, so that no real installation can have one", () => {
    const environment = { MUSTER_TEST_FAILPOINT: "kill before a/1" };
    expect(() => loadConfig(environment)).toThrow(AppError);
    expect(loadConfig({ ...environment, MUSTER_OPEN_SIGN_IN: "loopback" }).failpoints).toBe("kill before a/1");
  });
});
