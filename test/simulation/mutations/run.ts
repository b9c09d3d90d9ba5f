import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { plant } from "../../stubs/stub.ts";
import { copyTree } from "../../stubs/suite.ts";
import type { Totals } from "../totals.ts";
import { type Mutation, mutations } from "./list.ts";

/**
 * The proof that the simulator can see: one fault after the other is planted in a copy of the sources, and each
 * time some seed must break a promise. `--only envelope` tries those whose name has the word.
 */
const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, seeds: { type: "string", default: "2000" } },
});
const source = join(import.meta.dirname, "..", "..", "..");
const work = mkdtempSync(join(tmpdir(), "muster-mutations-"));
const aborted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => aborted.abort());

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const chosen = mutations.filter(({ name }) => name.includes(values.only));
  if (chosen.length === 0) throw new Error(`No mutation's name has "${values.only}" in it.`);
  const trees = Array.from({ length: Math.min(availableParallelism(), chosen.length) }, (_, index) => {
    const tree = join(work, `tree-${index}`);
    copyTree(source, tree);
    return tree;
  });
  // Every one must still match, before any time is spent on the first.
  for (const mutation of chosen) plantIn(mutation, trees[0] ?? "")();
  const queue = [...chosen];
  let missed = 0;
  await Promise.all(
    trees.map(async (tree) => {
      for (let next = queue.shift(); next && !aborted.signal.aborted; next = queue.shift()) {
        const found = await look(next, tree);
        if (found === undefined) missed++;
        console.log(`${found === undefined ? "NOT FOUND" : "found"}  ${next.name}${found ? `: ${found}` : ""}`);
      }
    }),
  );
  console.log(
    `${chosen.length - missed} of ${chosen.length} planted faults were found within ${values.seeds} seeds each.`,
  );
  return missed > 0 ? 1 : 0;
}

function plantIn(mutation: Mutation, tree: string): () => void {
  return plant({ ...mutation, tests: [] }, tree);
}

/** The seed that shows it, and how; undefined when none does. */
async function look(mutation: Mutation, tree: string): Promise<string | undefined> {
  const takeBack = plantIn(mutation, tree);
  try {
    const { failures } = await simulateIn(tree);
    const [first] = failures;
    return first && `seed ${first.seed}, ${first.what}`;
  } finally {
    takeBack();
  }
}

function simulateIn(tree: string): Promise<Totals> {
  const script = join(tree, "test", "simulation", "run.ts");
  const flags = ["--seeds", values.seeds, "--first-only", "--json", "--jobs", "1"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
      signal: aborted.signal,
    });
    let text = "";
    let said = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (said = `${said}${chunk}`.slice(-2_000)));
    child.once("error", reject);
    child.once("close", () => {
      try {
        resolve(JSON.parse(text) as Totals);
      } catch {
        reject(new Error(`the simulator did not come to an end: ${said}`));
      }
    });
  });
}
