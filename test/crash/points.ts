import type { WireEvent } from "../../src/commands/wire.ts";
import { type Failpoint, formatFailpoint } from "../../src/journal/failpoint.ts";

/** The writes that carry a recovery. What detection sees all the time is noise: it is killed with the rest. */
const DOMAINS = ["incident", "run", "step", "approval", "quarantine", "loss"];

/**
 * Every write of the story as a clean run made it, in chapters: the failover, the rejoin with the way out of
 * quarantine, and the failback up to its last canary and from there on. A story can meet one point of each chapter.
 */
export function enumeratePoints(events: WireEvent[], action: Failpoint["action"]): string[][] {
  const chapters: string[][] = [[], [], [], []];
  const seen = new Set<string>();
  let chapter = 0;
  for (const event of events) {
    if (!DOMAINS.includes(event.kind.split(".")[0] ?? "")) continue;
    const key = stableKey(event.key);
    for (const when of ["before", "after"] as const) {
      const point = formatFailpoint({ action, when, key });
      if (!seen.has(point)) chapters[chapter]?.push(point);
      seen.add(point);
    }
    if (endsChapter(event)) chapter += 1;
  }
  return chapters;
}

function endsChapter({ kind, data }: WireEvent): boolean {
  if (kind === "quarantine.lifted") return true;
  const { runId, stepId } = data as { runId?: string; stepId?: string };
  return (kind === "run.completed" && runId === "run-1") || (kind === "step.verified" && stepId === "bake-50");
}

/** Times in keys differ from run to run. */
function stableKey(key: string): string {
  return key
    .split("/")
    .map((part) => (/^\d{10,}$|^\d{4}-\d\d-\d\dT/.test(part) ? "*" : part))
    .join("/");
}

/** Where a kill hurts most: always among the sample. */
const HARDEST = [
  "promote-target/1/intended/1",
  "promote-target/1/applied/1",
  "promote-target/1/verified",
  "shift-traffic/1/intended/1",
  "scale-target/1/applied/1",
  "run/started/run-1",
  "save-divergent/1/applied/1",
  "follow-primary/1/intended/1",
  "fence-returned/1/applied/1",
  "canary-10/1/intended/1",
  "fence-source/1/applied/1",
  "promote-home/1/intended/1",
  "promote-home/1/applied/1",
  "follow-home/1/intended/1",
  "scale-source/1/applied/1",
];

export interface Plan {
  /** One list of failpoints for each story. */
  stories: string[][];
  points: number;
}

/** All points, or as many stories as are asked for: the hardest points first, the rest as the seed rotates them. */
export function planStories(chapters: string[][], stories: number | undefined, seed: number): Plan {
  const random = createRandom(seed);
  const ordered = chapters.map((points) => {
    if (stories === undefined) return points;
    const hard = points.filter((point) => HARDEST.some((key) => point.endsWith(key)));
    const rest = points.filter((point) => !hard.includes(point));
    const half = Math.ceil(stories / 2);
    return [...shuffle(hard, random).slice(0, half), ...shuffle(rest, random)];
  });
  const count = stories ?? Math.max(...ordered.map(({ length }) => length));
  const planned = Array.from({ length: count }, (_, index) => ordered.flatMap((points) => points[index] ?? []));
  return { stories: planned, points: planned.reduce((sum, { length }) => sum + length, 0) };
}

function shuffle<T>(list: T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** mulberry32: small, and the same everywhere for one seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
