import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { knownState } from "../commands/known-state.ts";
import type { Core } from "../core.ts";
import type { RunPhase } from "../state.ts";

export interface Metrics {
  registry: Registry;
  request(method: string, route: string, status: number): void;
  command(name: string, outcome: string, elapsedMs: number): void;
}

/** A run that people hold has a phase beneath that; held, it is what somebody has to look at. */
const PAUSED = "paused";
const PHASES: RunPhase[] = ["proposed", "running", "halted", "aborting", "completed", "aborted", "cancelled"];

/**
 * Figures about the state are read when they are scraped, so that they cannot lag behind it. While the store is away
 * they are what was known last: a scrape that failed would look like an instance that is gone.
 */
export function createMetrics(core: Core): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const requests = new Counter({
    name: "muster_http_requests_total",
    help: "HTTP requests answered",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "muster_command_seconds",
    help: "Time from a command to its answer",
    labelNames: ["command", "outcome"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  stateGauges(core, registers);
  return {
    registry,
    request: (method, route, status) => requests.inc({ method, route, status: String(status) }),
    command: (command, outcome, elapsedMs) => seconds.observe({ command, outcome }, elapsedMs / 1000),
  };
}

function stateGauges(core: Core, registers: Registry[]): void {
  const known = async () => (await knownState(core)).state;
  new Gauge({
    name: "muster_store_available",
    help: "0 while the store does not answer or has lost events, and all else is what was known last",
    registers,
    async collect() {
      this.set((await knownState(core)).store.state === "available" ? 1 : 0);
    },
  });
  new Gauge({
    name: "muster_approvals_pending",
    help: "Approvals that wait for people",
    registers,
    async collect() {
      this.set(Object.values((await known()).approvals).filter(({ phase }) => phase === "pending").length);
    },
  });
  new Gauge({
    name: "muster_readiness",
    help: "1 for how each runbook that could be asked for was found at its latest assessment",
    labelNames: ["runbook", "source", "target", "state"],
    registers,
    async collect() {
      const { readiness, active } = await known();
      this.reset();
      for (const { runbook, source, target, status: state } of Object.values(readiness))
        if (source === active) this.set({ runbook, source, target, state }, 1);
    },
  });
  new Gauge({
    name: "muster_runs",
    help: "Runs by phase; paused ones are counted as such and not under their phase",
    labelNames: ["phase"],
    registers,
    async collect() {
      const runs = Object.values((await known()).runs);
      const inPhase = (phase: string) => runs.filter((run) => (run.paused ? PAUSED : run.phase) === phase).length;
      for (const phase of [...PHASES, PAUSED]) this.set({ phase }, inPhase(phase));
    },
  });
  new Gauge({
    name: "muster_journal_head",
    help: "Sequence of the journal's latest event that the state stands for",
    registers,
    async collect() {
      this.set((await known()).seq);
    },
  });
  new Gauge({
    name: "muster_observer_late_seconds",
    help: "By how much whoever looks at the regions is late, while failures do not count for that; else 0",
    registers,
    async collect() {
      this.set(((await known()).observer?.lateMs ?? 0) / 1000);
    },
  });
  new Gauge({
    name: "muster_lease_held",
    help: "1 for each lease that this instance holds",
    labelNames: ["lease"],
    registers,
    async collect() {
      const { holder: own, leases } = await core.instances();
      this.reset();
      for (const { name, holder } of leases) this.set({ lease: name }, holder === own ? 1 : 0);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of this process",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
}
