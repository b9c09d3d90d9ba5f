import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("Not root: LEFT OUT is the full disk, as only root may make a small one.");

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.end());

const notes = async ({ muster }: Instance) =>
  (await muster.events("note.added")).map(({ data }) => (data as { text: string }).text);
const note = ({ muster }: Instance, text: string) => muster.command("operator", "note", { text });

describe("a server on the embedded store", () => {
  it("has after kill -9 everything that it had acknowledged", async () => {
    const first = await place.start("one", {});
    const acknowledged: string[] = [];
    let killed: Promise<void> | undefined;
    for (let index = 0; ; index++) {
      // While the next one is on its way.
      if (index === 20) killed = first.kill();
      const done = await note(first, `note ${index}`).then(
        () => true,
        () => false,
      );
      if (!done) break;
      acknowledged.push(`note ${index}`);
    }
    await killed;
    const second = await place.start("one", {});
    const there = await notes(second);
    expect(acknowledged.length).toBeGreaterThanOrEqual(20);
    expect(there.slice(0, acknowledged.length)).toEqual(acknowledged);
    // At most the one that was under way, whose answer nobody had.
    expect(there.length - acknowledged.length).toBeLessThanOrEqual(1);
  });

  it("keeps a second one away from its directory, with words that say what to do, and goes on", async () => {
    const first = await place.start("one", {});
    await expect(place.start("one", {})).rejects.toThrow(
      /ended before it was ready:.*is using the journal.*npm run dr -- status/s,
    );
    await note(first, "still here");
    expect(await notes(first)).toEqual(["still here"]);
  });

  it("says so when its file is damaged, starts nothing, and leaves the file as it is", async () => {
    const first = await place.start("one", {});
    await note(first, "kept");
    await first.stop();
    const directory = join(place.data, "one");
    const copy = mkdtempSync(join(tmpdir(), "muster-copy-"));
    cpSync(directory, copy, { recursive: true });
    const file = join(directory, "journal.db");
    truncateSync(file, Math.floor(statSync(file).size / 2));
    await expect(place.start("one", {})).rejects.toThrow(/damaged.*(restore|backup)/is);
    expect(statSync(file).size).toBeGreaterThan(0);
    // Put right from a copy, it goes on with what was acknowledged.
    rmSync(directory, { recursive: true });
    cpSync(copy, directory, { recursive: true });
    rmSync(copy, { recursive: true });
    expect(await notes(await place.start("one", {}))).toEqual(["kept"]);
  });

  // A disk of a few megabytes, which only root may make here; .ci/run is root.
  it.skipIf(!isRoot)("says so when the disk is full, loses nothing, and goes on when there is room", async () => {
    const directory = join(place.data, "one");
    const disk = await mountSmallDisk(directory);
    const started: Instance[] = [];
    const start = async () => {
      const instance = await place.start("one", {});
      started.push(instance);
      return instance;
    };
    try {
      const first = await start();
      await note(first, "before");
      fill(directory);
      const refused = await untilRefused(first);
      expect(refused).toMatchObject({ code: "store-full", summary: expect.stringContaining("room") });
      const before = await notes(first);
      rmSync(join(directory, "filler"));
      await note(first, "after");
      expect(await notes(first)).toEqual([...before, "after"]);
      await first.kill();
      expect(await notes(await start())).toEqual([...before, "after"]);
    } finally {
      for (const instance of started) await instance.kill();
      await disk.unmount();
    }
  });
});

async function mountSmallDisk(directory: string) {
  await run("mkdir", ["-p", directory]);
  await run("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", directory]);
  return { unmount: () => run("umount", ["-l", directory]) };
}

function fill(directory: string): void {
  for (const chunk of [1024 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(join(directory, "filler"), Buffer.alloc(chunk), { flag: "a" });
    } catch {
      // Full, to the size of a chunk.
    }
  }
}

async function untilRefused(instance: Instance): Promise<unknown> {
  for (let index = 0; index < 2_000; index++) {
    try {
      await note(instance, `note ${index} ${"x".repeat(1_500)}`);
    } catch (error) {
      return error;
    }
  }
  throw new Error("The disk did not fill.");
}
