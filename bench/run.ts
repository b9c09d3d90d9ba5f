import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { benchAppend } from "./append.ts";
import { benchCommands } from "./commands.ts";
import { type Latency, median } from "./latency.ts";
import { benchOverhead, SHAPES } from "./overhead.ts";
import { startServer } from "./server.ts";

/** Prints what was measured in this run on this machine, beside what is aimed for. It judges nothing. */
const STARTS = 5;
const REST_MS = 20_000;

const table = new Table({ head: ["what", "measured", "aim"], style: { head: [], border: [] } });
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const latency = ({ p50Ms, p99Ms, maxMs }: Latency) => `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, longest ${ms(maxMs)}`;
const startedAt = performance.now();

await overhead();
const compileCache = mkdtempSync(join(tmpdir(), "muster-bench-"));
try {
  await starts();
  await server();
} finally {
  rmSync(compileCache, { recursive: true, force: true });
}
await append();

const [cpu] = cpus();
console.log(table.toString());
console.log(
  `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), Node ${process.version}, ${process.platform}; ` +
    `the whole bench took ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`,
);

async function overhead(): Promise<void> {
  for (const shape of SHAPES) {
    const { steps, layers, criticalPathMs, timersMs, wallMs, ratio } = await benchOverhead(shape);
    const aim = steps === 100 ? "≤ 1.05" : "";
    const what = `run of ${steps} steps in ${layers} layers: time ÷ critical path`;
    table.push([what, `${ratio.toFixed(3)} (${ms(wallMs)} ÷ ${ms(criticalPathMs)})`, aim]);
    const bare = `${(wallMs / timersMs).toFixed(3)} (÷ ${ms(timersMs)})`;
    table.push(["  the same ÷ what the timers of that path take by themselves", bare, ""]);
  }
}

async function starts(): Promise<void> {
  const without = await readyTimes({});
  // The first start fills the cache that `npm start` keeps in its data directory.
  await readyTimes({ compileCache }, 1);
  const withCache = await readyTimes({ compileCache });
  table.push([`start to ready, median of ${STARTS}`, ms(median(without)), "≤ 3,000 ms with the lab"]);
  table.push(["the same from the second start on, with Node's compile cache", ms(median(withCache)), ""]);
}

async function readyTimes(options: { compileCache?: string }, count = STARTS): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const one = await startServer(options);
    times.push(one.readyMs);
    await one.stop();
  }
  return times;
}

async function server(): Promise<void> {
  const mib = (value: number | undefined) =>
    value === undefined ? "not known on this system" : `${value.toFixed(0)} MiB`;
  // At rest it comes to use everything, such as the clients of vendors, so that the cache is whole from here on.
  const first = await startServer({ compileCache });
  await sleep(REST_MS).finally(() => first.stop());
  const one = await startServer({ compileCache });
  try {
    await sleep(REST_MS);
    const what = `resident memory after ${REST_MS / 1000} s at rest, without the lab, from the second start on`;
    table.push([what, mib(one.residentMiB()), "< 150 MB (143 MiB)"]);
    const { perSecond, seconds, answered, refused, latency: found } = await benchCommands(one);
    const others = refused > 0 ? `; ${refused} of ${answered} were refused` : "";
    table.push([`command answer at ${perSecond}/s for ${seconds} s`, `${latency(found)}${others}`, ""]);
    table.push(["resident memory after that", mib(one.residentMiB()), ""]);
  } finally {
    await one.stop();
  }
}

async function append(): Promise<void> {
  const { events, append: durable, commit } = await benchAppend();
  table.push([`durable append, ${events} times`, latency(durable), ""]);
  table.push([`load, decide, check, redact, append and fold, ${events} times`, latency(commit), ""]);
}
