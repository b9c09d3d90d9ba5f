import { pino } from "pino";
import { createHealth } from "../../adapters/http/health.ts";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { systemClock } from "../../src/clock.ts";
import { createCore } from "../../src/create-core.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { makePlan } from "../helpers/plan.ts";

/**
 * A process of its own that watches over two addresses, as production does, and says on a line each what it journals:
 * `node watcher.ts <directory> <east> <west> <detection as JSON>`.
 */
const [directory = "", east, west, times = "{}"] = process.argv.slice(2);
const probe = createHealth();
const use = (url: string | undefined) => [{ id: "api", uses: probe.id, with: { url } }];
const detection = { ...(JSON.parse(times) as Plan["detection"]), probes: { east: use(east), west: use(west) } };
const { core, journal, workers } = createCore({
  plan: makePlan({}, { stores: {}, detection }),
  registry: { actions: new Map(), probes: new Map([[probe.id, probe]]), replication: new Map(), traffic: new Map() },
  store: openSqliteStore({ directory }),
  instance: "watcher",
  clock: systemClock,
  logger: pino({ level: "warn" }, pino.destination(2)),
  leaseMs: 5_000,
  requestTimeoutMs: 500,
  reportsDirectory: directory,
});

let after = 0;
async function say(): Promise<void> {
  const events = await core.journal.query({ after, limit: 100 });
  for (const { seq, kind, data } of events) {
    after = Math.max(after, seq);
    console.log(JSON.stringify({ kind, data }));
  }
}
let saying: Promise<void> = Promise.resolve();
journal.subscribe(() => {
  saying = saying.then(say);
});
for (const worker of workers) if (worker.name === "detector" || worker.name === "executor") worker.start();
