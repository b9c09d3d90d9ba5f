import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths } from "../../lab/world/files.ts";
import { createClient } from "../../src/cli/client.ts";
import type { WireEvent } from "../../src/commands/wire.ts";
import type { AuditResult } from "../../src/core.ts";
import { compare, courses, type Difference, type Effects } from "./effects.ts";
import { createFeed } from "./feed.ts";
import { writeServerFiles } from "./files.ts";
import { type Cast, createCast, type Succession } from "./instances.ts";
import { createStory, type Story } from "./people.ts";
import { startWorld } from "./world.ts";

export interface StoryOptions {
  succession: Succession;
  failpoints: string[];
  /** The address of an empty PostgreSQL database, for more than one instance. */
  storeUrl?: string;
  /** What the world goes through when nobody is killed; nothing is compared without it. */
  expected?: Record<string, string[]>;
  /** Called when all have ended, before the directory is removed. */
  keep?: (directory: string) => Promise<void>;
  /** Who holds the executor's lease, as that database says. */
  executor?: () => Promise<string | undefined>;
}

/** What one story came to, as the world, the feed's reader and the people saw it. */
export interface Outcome extends Difference {
  finished: boolean;
  /** Why it did not finish. */
  reason?: string;
  reached: string[];
  courses: Record<string, string[]>;
  writes: Record<string, number>;
  /** Events that were delivered or acknowledged, and are not in the journal at the end. */
  lost: string[];
  /** What a frozen instance did after it was woken. */
  trespasses: string[];
  /** Halted steps that a person had to retry. */
  retried: string[];
  events: WireEvent[];
  seconds: number;
  /** The logs and the journal of a story that was not as promised, or in which a person was asked. */
  kept?: string;
}

/** A story of ten seconds has taken two minutes where ten programs shared a processor: only one that hangs takes longer. */
const WITHIN_MS = 300_000;
const POLL_MS = 25;

/** The whole story once, with the server dying (or freezing) at each of the failpoints. */
export async function tellStory(options: StoryOptions): Promise<Outcome> {
  const began = performance.now();
  const world = await startWorld();
  const directory = mkdtempSync(join(tmpdir(), "muster-crash-"));
  const plan = writeServerFiles(directory, world.state);
  const token = (JSON.parse(readFileSync(labPaths(directory).tokens, "utf8")) as Record<string, string>).observer ?? "";
  const feed = createFeed();
  const story = createStory(world, directory);
  const cast = createCast({
    executor: async () => undefined,
    ...options,
    directory,
    plan,
    effects: world.effects,
    onTalkTo: (url) => feed.follow(url, token),
  });
  let reason: string | undefined;
  let events: WireEvent[] = [];
  const lost: string[] = [];
  try {
    await cast.begin();
    reason = await play(cast, story);
    if (reason === undefined) {
      await cast.aftermath();
      // What is told while the journal is being read may be younger than what was read of it.
      const delivered = new Map(feed.delivered);
      const acknowledged = new Set(story.acknowledged);
      events = await readAll(cast.url(), token);
      lost.push(...lostOf(events, delivered, acknowledged));
      const audit = (await createClient(cast.url(), token).call("audit verify", {})).data as AuditResult;
      if (!audit.ok) reason = `the journal is broken at event ${audit.firstBad?.seq}: ${audit.firstBad?.reason}`;
    }
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  } finally {
    feed.stop();
    await cast.end();
    await world.stop();
    await options.keep?.(directory);
  }
  const course = courses(world.effects);
  const { twice, missing } = options.expected ? compare(options.expected, course) : { twice: [], missing: [] };
  const outcome: Outcome = {
    finished: reason === undefined,
    ...(reason !== undefined && { reason }),
    reached: cast.reached(),
    courses: course,
    twice,
    // What an unfinished story has not come to yet is not left out.
    missing: reason === undefined ? missing : [],
    writes: countWrites(world.effects),
    lost,
    trespasses: cast.trespasses(events),
    retried: story.retried,
    events,
    seconds: (performance.now() - began) / 1000,
  };
  const problems = problemsOf(outcome);
  if (problems.length + outcome.retried.length > 0) {
    writeFileSync(join(directory, "problems.txt"), [...problems, ...outcome.retried, ""].join("\n"));
    writeFileSync(join(directory, "world-late.jsonl"), world.late.map((one) => `${JSON.stringify(one)}\n`).join(""));
    writeFileSync(join(directory, "world-record.json"), JSON.stringify(world.effects, undefined, 1));
    return { ...outcome, kept: directory };
  }
  rmSync(directory, { recursive: true, force: true });
  return outcome;
}

/** Everything in it that was not as promised. */
export function problemsOf({ finished, reason, twice, missing, lost, trespasses }: Outcome): string[] {
  return [
    ...(finished ? [] : [reason ?? "not finished"]),
    ...twice.map((one) => `made twice: ${one}`),
    ...missing.map((one) => `left out: ${one}`),
    ...lost.map((one) => `lost: ${one}`),
    ...trespasses,
  ];
}

/** Undefined when it came to its end, else what state it was in when the time was up. */
async function play(cast: Cast, story: Story): Promise<string | undefined> {
  const deadline = performance.now() + WITHIN_MS;
  let trouble = "";
  while (performance.now() < deadline) {
    await cast.attend();
    // Whoever asks a server that is just dying, or does not answer for being frozen, asks again.
    const looked = story.advance(cast.url()).catch((error: Error) => {
      trouble = error.message;
      return false;
    });
    const over = await Promise.race([looked, cast.silent().then(() => false)]);
    if (over) return undefined;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const runs = Object.values(story.last?.runs ?? {}).map((run) => {
    const open = run.steps.filter(({ phase }) => phase === "running" || phase === "failed" || phase === "retrying");
    return `${run.runId} ${run.phase} ${open.map(({ stepId, phase }) => `${stepId} ${phase}`).join(", ")}`;
  });
  return `not finished in ${WITHIN_MS / 1000} s: ${runs.join("; ")}; last trouble: ${trouble}`;
}

async function readAll(url: string, token: string): Promise<WireEvent[]> {
  const client = createClient(url, token);
  const all: WireEvent[] = [];
  for (;;) {
    const page = await client.journal({ after: all.at(-1)?.seq ?? 0, limit: 1_000 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

function lostOf(events: WireEvent[], delivered: Map<number, string>, acknowledged: Set<string>): string[] {
  const hashes = new Map(events.map(({ seq, hash }) => [seq, hash]));
  const decided = new Set(
    events.flatMap(({ kind, data, actor }) =>
      kind === "approval.decided" ? [`${(data as { approvalId: string }).approvalId}/${actor}`] : [],
    ),
  );
  return [
    ...[...delivered].filter(([seq, hash]) => hashes.get(seq) !== hash).map(([seq]) => `event ${seq}`),
    ...[...acknowledged].filter((one) => !decided.has(one)).map((one) => `the decision ${one}`),
  ];
}

function countWrites({ writes }: Effects): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { resource } of writes) counts[resource] = (counts[resource] ?? 0) + 1;
  return counts;
}
