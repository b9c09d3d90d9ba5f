import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";
import { addUp, type Totals } from "./totals.ts";
import { COUNTED } from "./trace.ts";

/**
 * `npm run simulate -- --seeds 10000`: lives through as many disasters as there are seeds, and says whether a
 * promise was broken. `--seed 4711 --trace` shows one of them.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    "first-only": { type: "boolean", default: false },
    jobs: { type: "string", default: `${availableParallelism()}` },
    json: { type: "boolean", default: false },
  },
});
const SHOWN_LINES = 40;
const BLOCK = 10;

function whole(name: "seeds" | "from" | "seed" | "jobs", text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0 && number < 2 ** 32) return number;
  throw new Error(`--${name} must be a whole number from 0 to ${2 ** 32 - 1}, not "${text}": --${name} 1000`);
}

try {
  process.exitCode = values.seed === undefined ? await many() : await one(whole("seed", values.seed));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function one(seed: number): Promise<number> {
  const outcome = await simulate(seed, { trace: true });
  if (values.json) console.log(JSON.stringify(outcome));
  else {
    if (values.trace) console.log(outcome.trace.join("\n"));
    else for (const line of outcome.trace.slice(-SHOWN_LINES)) console.log(line);
    console.log(
      outcome.violation
        ? `Seed ${seed} breaks a promise: ${outcome.violation.what}`
        : `Seed ${seed}: no promise was broken.`,
    );
  }
  return outcome.violation ? 1 : 0;
}

async function many(): Promise<number> {
  const from = whole("from", values.from);
  const seeds = Array.from({ length: whole("seeds", values.seeds) }, (_, index) => from + index);
  // One that nobody has lived through yet; it is printed, so that it can be lived through again.
  const fresh = values.fresh ? Math.floor(Math.random() * 2 ** 32) : undefined;
  if (fresh !== undefined) {
    seeds.unshift(fresh);
    if (!values.json) console.log(`The fresh seed of this run: ${fresh}`);
  }
  const jobs = Math.max(1, Math.min(whole("jobs", values.jobs), seeds.length));
  const startedAt = performance.now();
  const totals = await shareOut(seeds, jobs);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (values.json) console.log(JSON.stringify({ ...totals, seconds, jobs, ...(fresh !== undefined && { fresh }) }));
  else await print(totals, seconds, jobs);
  return totals.failures.length > 0 ? 1 : 0;
}

/** A process for each core; each asks for the next seeds when it is done with its own. */
async function shareOut(seeds: number[], jobs: number): Promise<Totals> {
  const queue = [...seeds];
  const parts: Totals[] = [];
  const found = () => values["first-only"] && parts.some(({ failures }) => failures.length > 0);
  await Promise.all(
    Array.from({ length: jobs }, () => {
      const child = fork(new URL("./run-seeds.ts", import.meta.url), {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      const next = () => (found() ? child.disconnect() : hand(queue.splice(0, BLOCK)));
      const hand = (block: number[]) => (block.length > 0 ? child.send(block) : child.disconnect());
      child.on("message", (part: Totals) => {
        parts.push(part);
        next();
      });
      next();
      return new Promise<void>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code) =>
          code === 0 ? resolve() : reject(new Error(`a simulating process ended with ${code}`)),
        );
      });
    }),
  );
  return addUp(parts);
}

async function print(totals: Totals, seconds: number, jobs: number): Promise<void> {
  const { disasters, events, virtualMs, coverage, failures } = totals;
  const [first] = failures;
  if (first) {
    const { trace } = await simulate(first.seed, { trace: true });
    for (const line of trace.slice(-SHOWN_LINES)) console.log(line);
    console.log();
  }
  const width = Math.max(...COUNTED.map(({ length }) => length));
  for (const name of COUNTED) console.log(`  ${name.padEnd(width)} ${coverage[name].toLocaleString("en").padStart(9)}`);
  const hours = (virtualMs / 3_600_000).toFixed(1);
  const speed = (disasters / seconds).toFixed(1);
  console.log(
    `\n${disasters} disasters in ${seconds.toFixed(1)} s on ${jobs} processes (${speed} a second): ${hours} virtual hours, ${events} events.`,
  );
  for (const { seed, atMs, what } of failures.slice(0, 20))
    console.log(`Seed ${seed} breaks a promise at ${atMs / 1_000} s: ${what}`);
  if (!first) console.log("No promise was broken.");
  else
    console.log(
      `${failures.length} of ${disasters} seeds. See the first: npm run simulate -- --seed ${first.seed} --trace`,
    );
}
