import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "../src/plans/plan.ts";
import { median } from "./latency.ts";
import { openWorld, stepsOf } from "./world.ts";

const APPLY_MS = 50;

export interface Overhead {
  steps: number;
  layers: number;
  /** The longest chain, if nothing but its actions took time. */
  criticalPathMs: number;
  /** The same chain of bare timers, right before the runs: no timer is ever early, and all are a little late. */
  timersMs: number;
  /** From `run.started` to `run.completed`, as journaled; the median of all runs. */
  wallMs: number;
  ratio: number;
}

/** How wide the layers are; each step needs three of the layer before, or all of a narrower one. */
export const SHAPES: { widths: number[]; repeats: number; runs: number }[] = [
  { widths: [1, 2, 4, 2, 1], repeats: 1, runs: 5 },
  { widths: [5, 10, 20, 10, 5], repeats: 2, runs: 5 },
  { widths: [5, 10, 20, 10, 5], repeats: 20, runs: 1 },
];

/** The real core on the real store, and actions that do nothing but take their time. */
export async function benchOverhead({ widths, repeats, runs }: (typeof SHAPES)[number]): Promise<Overhead> {
  const layers = Array.from({ length: repeats }, () => widths).flat();
  const steps = stepsOf(layers);
  const timersMs = (await bareTimerMs()) * layers.length;
  const walls: number[] = [];
  for (let count = 0; count < runs; count++) walls.push(await runOnce(steps));
  const wallMs = median(walls);
  const criticalPathMs = layers.length * APPLY_MS;
  return {
    steps: steps.length,
    layers: layers.length,
    criticalPathMs,
    timersMs,
    wallMs,
    ratio: wallMs / criticalPathMs,
  };
}

/** What a sleep of 50 ms takes on this machine when nothing else is done. */
async function bareTimerMs(): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 20; count++) {
    const startedAt = performance.now();
    await sleep(APPLY_MS);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

async function runOnce(steps: Step[]): Promise<number> {
  const world = await openWorld(steps, APPLY_MS);
  try {
    const { startedAt, endedAt } = await world.run();
    return Date.parse(endedAt ?? "") - Date.parse(startedAt ?? "");
  } finally {
    await world.close();
  }
}
