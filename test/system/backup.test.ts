import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { labPaths } from "../../lab/world/files.ts";
import { writeServerFiles } from "../crash/files.ts";
import { createStory, type Story } from "../crash/people.ts";
import { type MusterProcess, startMusterProcess } from "../crash/server.ts";
import { startWorld, type World } from "../crash/world.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.ts");

let root: string;
let world: World | undefined;
let server: MusterProcess | undefined;
afterEach(async () => {
  await server?.stop();
  await world?.stop();
  rmSync(root, { recursive: true, force: true });
});

async function dr(words: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "dr", ...words], {
    env: { ...process.env, ...env },
  });
  return stdout;
}

async function until(story: Story, url: string, over: (story: Story) => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const done = await story.advance(url).catch(() => false);
    if (done || over(story)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the story did not go on");
}

it("A journal that was backed up in the middle of a run, lost and restored elsewhere goes on to the end", async () => {
  root = mkdtempSync(join(tmpdir(), "muster-backup-"));
  world = await startWorld();
  const first = join(root, "first");
  const plan = writeServerFiles(first, world.state);
  server = await startMusterProcess({ directory: first, plan, instance: "first", failpoints: [] });
  const story = createStory(world, first);
  await until(story, server.url, ({ last }) => last?.runs["run-1"]?.phase === "running");

  const tokens = JSON.parse(readFileSync(labPaths(first).tokens, "utf8")) as Record<string, string>;
  const file = join(root, "backup.jsonl");
  const env = { MUSTER_URL: server.url, MUSTER_TOKEN: tokens.operator ?? "" };
  const { head } = JSON.parse(await dr(["backup", file, "--json"], env)) as { head: { seq: number; hash: string } };
  await server.stop();

  // The machine is gone with its journal; the world has gone on without it.
  const second = join(root, "second");
  await dr(["restore", file, "--data", second]);
  writeServerFiles(second, world.state);
  server = await startMusterProcess({ directory: second, plan, instance: "second", failpoints: [] });
  const story2 = createStory(world, second, { struck: true });
  await until(story2, server.url, () => false);
  const { runs, active } = story2.last ?? {};
  expect(Object.values(runs ?? {}).map(({ runbook, phase }) => `${runbook} ${phase}`)).toEqual([
    "failover completed",
    "rejoin completed",
    "failback completed",
  ]);
  expect(active).toBe("us-east-1");
  const promotions = world.effects.transitions.filter(({ change }) => change === "replica of us-east-1 → primary");
  expect(promotions).toHaveLength(1);
  await server.stop();
  expect(JSON.parse(await dr(["audit", "verify", "--data", second, "--json"]))).toMatchObject({ ok: true });
  const [event] = JSON.parse(
    await dr(["journal", "--after", `${head.seq - 1}`, "--limit", "1", "--data", second, "--json"]),
  ) as { hash: string }[];
  expect(event?.hash).toBe(head.hash);
});
