import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { createAdapters } from "../../adapters/index.ts";
import { flavours } from "../helpers/redis.ts";
import { all } from "./all.ts";
import { plant, type Stub } from "./stub.ts";
import { ALL_LONGEST_MS, copyTree, endAll, runSuite } from "./suite.ts";

/**
 * The proof that the tests can see: one thing after the other is made not to work in a copy of the sources, and
 * each time a test must fail. `npm run test:stubs -- --only redis` runs those whose name has the word; `--proven` is
 * for whoever has just seen the tests of this very tree pass, and leaves out to run them once without any stub.
 */
/** Most of what a test does with a stub in place is to wait for what does not come. */
const AT_A_TIME = 4;
const SHOWN_FAILURES = 10;

interface Outcome {
  stub: Stub;
  caught: boolean;
  by: string;
  seconds: number;
}

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, proven: { type: "boolean", default: false } },
});
const source = join(import.meta.dirname, "..", "..");
const work = mkdtempSync(join(tmpdir(), "muster-stubs-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    endAll();
    rmSync(work, { recursive: true, force: true });
    process.exit(1);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  endAll();
  rmSync(work, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const forgotten = await withoutStub();
  if (forgotten.length > 0)
    throw new Error(`No stub is planted in ${forgotten.join(", ")}: add it to test/stubs/actions.ts.`);
  const chosen = all.filter(({ name }) => name.includes(values.only));
  const startedAt = performance.now();
  console.log(`Stubs of Redis actions are looked for on ${flavours[0]}.`);
  if (chosen.length === 0) throw new Error(`No stub's name has "${values.only}" in it.`);
  for (let index = 0; index < AT_A_TIME; index++) copyTree(source, treeOf(index));
  if (values.proven) console.log("That the tests pass without a stub was seen before.");
  else if (!(await passesAsItIs(chosen))) return 1;
  const outcomes = await tryAll(chosen);
  print(outcomes);
  const survivors = outcomes.filter(({ caught }) => !caught);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${outcomes.length - survivors.length} of ${outcomes.length} stubs were caught, in ${seconds} s.`);
  return survivors.length > 0 ? 1 : 0;
}

/** Everything that acts on or looks at the world must be in the list: a new adapter comes with its stub. */
async function withoutStub(): Promise<string[]> {
  const { registry, close } = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
  await close();
  const planted = new Set(all.map(({ of }) => of));
  const { actions, probes, replication, traffic } = registry;
  return [actions, probes, replication, traffic].flatMap((map) => [...map.keys()]).filter((id) => !planted.has(id));
}

/** A stub proves something only where the same tests pass without it. */
async function passesAsItIs(chosen: Stub[]): Promise<boolean> {
  const tests = [...new Set(chosen.flatMap((stub) => stub.tests))];
  const { passed, failed, broken, seconds } = await runSuite(treeOf(0), {
    tests,
    bail: false,
    longestMs: ALL_LONGEST_MS,
  });
  if (failed.length === 0 && broken === undefined && passed > 0) {
    console.log(`Without a stub all ${passed} tests of ${tests.length} files pass (${seconds.toFixed(0)} s).`);
    return true;
  }
  console.error("Without any stub the tests fail already, so stubs can show nothing:");
  for (const { file, test } of failed.slice(0, SHOWN_FAILURES)) console.error(`  ${file}: ${test}`);
  console.error(broken ?? (passed === 0 ? "No test was run." : ""));
  return false;
}

async function tryAll(chosen: Stub[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = [...chosen.entries()];
  const worker = async (root: string) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, stub] = next;
      outcomes[index] = await tryOne(stub, root);
      if (!outcomes[index].caught) console.error(`NOT CAUGHT: ${stub.name} (${outcomes[index].by})`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, index) => worker(treeOf(index))));
  return outcomes;
}

/** All trees are made before the first stub, so that somebody who goes on editing changes nothing here. */
function treeOf(index: number): string {
  return join(work, `tree-${index}`);
}

async function tryOne(stub: Stub, root: string): Promise<Outcome> {
  const takeBack = plant(stub, root);
  const { failed, broken, passed, seconds } = await runSuite(root, { tests: stub.tests, only: stub.only, bail: true });
  takeBack();
  const [first] = failed;
  if (first) return { stub, caught: true, by: `${first.file}: ${first.test}`, seconds };
  const by = broken ? `the stub itself is broken: ${broken}` : `nobody: ${passed} tests pass with it`;
  return { stub, caught: false, by, seconds };
}

function print(outcomes: Outcome[]): void {
  const table = new Table({
    head: ["stub", "caught by", "seconds"],
    colWidths: [46, 90, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { stub, caught, by, seconds } of outcomes) {
    table.push([stub.name, caught ? by : `NOT CAUGHT (${by})`, seconds.toFixed(1)]);
  }
  console.log(table.toString());
}
