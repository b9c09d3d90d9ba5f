import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { labPaths, writeMusterFiles } from "../../lab/world/files.ts";
import type { WorldState } from "../../lab/world/state.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Where the plan waits for the world, and this world is quicker than any: the steps stay what they are. */
const SHORTER: [long: string, short: string, times: number][] = [
  ["every: 500ms", "every: 50ms", 2],
  ["every: 1s", "every: 50ms", 1],
  ["retryAfter: 5s", "retryAfter: 300ms", 6],
  ["readiness: { every: 5m }", "readiness: { every: 1s }", 1],
  ["  timeout: 2s", "  timeout: 800ms", 1],
];

/** Writes plan, values, credentials and people for a server of this world; returns the plan's path. */
export function writeServerFiles(directory: string, state: WorldState): string {
  mkdirSync(directory, { recursive: true });
  writeMusterFiles(directory, state);
  const { vars } = labPaths(directory);
  const values = { probeInterval: "100ms", bakeTime: "300ms", quarantineTime: "400ms" };
  writeFileSync(vars, stringify({ ...(parse(readFileSync(vars, "utf8")) as object), ...values }));
  const path = join(directory, "plan.yaml");
  writeFileSync(path, shortPlan());
  return path;
}

function shortPlan(): string {
  let text = readFileSync(join(ROOT, "plans", "genai-api.yaml"), "utf8");
  for (const [long, short, times] of SHORTER) {
    const parts = text.split(long);
    if (parts.length - 1 !== times)
      throw new Error(
        `"${long}" stands ${parts.length - 1} times in the plan, not ${times}: adapt test/crash/files.ts.`,
      );
    text = parts.join(short);
  }
  return text;
}
