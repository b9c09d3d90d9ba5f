import type { Logger } from "pino";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Plan, ProbeUse } from "../plans/plan.ts";
import type { Clock, ProbeResult, Registry } from "../ports.ts";
import type { AppState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type AvailabilityRow, availabilityEvent, observeAvailability } from "./availability.ts";
import { emptyRow, evidenceOf, observe, type ProbeRow, verdictOf, verdictTimes } from "./verdicts.ts";

export interface DetectorOptions {
  plan: Plan;
  registry: Registry;
  journal: Journal;
  clock: Clock;
  logger: Logger;
}

/**
 * Probes every region and the public name at the plan's interval, and journals what changes: verdicts, the
 * availability that clients see, and the traffic's division. What follows from a verdict is decided elsewhere.
 */
export function createDetector(options: DetectorOptions): { work(context: WorkerContext): Promise<void> } {
  const { plan, registry, journal, clock, logger } = options;
  const { detection } = plan;

  return {
    async work({ fence, signal }) {
      const rows = new Map<string, ProbeRow[]>();
      for (const region of Object.keys(plan.regions)) {
        rows.set(
          region,
          probesOf(plan, region).map((probe) => emptyRow(probe.id)),
        );
      }
      let outside: AvailabilityRow | undefined;
      let failed: unknown;
      // Appends follow each other, so that two answers in one instant cannot both claim the same change.
      let writing: Promise<unknown> = Promise.resolve();
      const append = (events: (state: AppState) => NewDomainEvent[]) => {
        writing = writing
          .then(() => (signal.aborted ? undefined : journal.commit(events, { fence })))
          .catch((error) => {
            if (error instanceof AppError && error.code === "fenced") failed = error;
            else logger.error({ err: error }, "a detection could not be journaled; the next answer tries again");
          });
      };

      const probeRegion = async (region: string, index: number, use: ProbeUse) => {
        const askedAt = clock.now();
        const result = await runProbe(use, signal);
        if (signal.aborted) return;
        const before = rows.get(region) ?? [];
        const after = before.map((row, at) =>
          at === index ? observe(row, result, result.ok ? clock.now() : askedAt) : row,
        );
        rows.set(region, after);
        append((state) => verdictEvents(plan, state, region, rows.get(region) ?? [], clock.now()));
      };
      const probeOutside = async (use: ProbeUse) => {
        const askedAt = clock.now();
        const result = await runProbe(use, signal);
        if (signal.aborted) return;
        outside = observeAvailability(outside, result.ok, result.ok ? clock.now() : askedAt);
        const row = outside;
        append((state) => availabilityEvent(plan, state, use.id, row));
      };
      const readTraffic = async () => {
        const shares = await trafficShares(signal);
        if (shares) append((state) => trafficEvents(state, shares, clock.now()));
      };

      while (!signal.aborted && !failed) {
        for (const region of Object.keys(plan.regions)) {
          probesOf(plan, region).forEach((use, index) => void probeRegion(region, index, use));
        }
        if (detection.outside) void probeOutside(detection.outside);
        void readTraffic();
        await clock.sleep(detection.intervalMs, signal).catch(() => {});
      }
      await writing;
      if (failed) throw failed;
    },
  };

  async function runProbe(use: ProbeUse, signal: AbortSignal): Promise<ProbeResult> {
    const probe = registry.probes.get(use.uses);
    if (!probe) return { ok: false, latencyMs: 0, detail: `no probe "${use.uses}"` };
    const timeout = AbortSignal.any([signal, clock.timeout(detection.timeoutMs)]);
    try {
      return await probe.run(probe.input.parse(use.with), { signal: timeout, timeoutMs: detection.timeoutMs });
    } catch {
      return { ok: false, latencyMs: detection.timeoutMs, detail: "the probe itself failed" };
    }
  }

  async function trafficShares(signal: AbortSignal): Promise<Record<string, number> | undefined> {
    const source = plan.traffic && registry.traffic.get(plan.traffic.uses);
    if (!source || !plan.traffic) return undefined;
    try {
      return await source.shares(source.input.parse(plan.traffic.with), { signal, timeoutMs: detection.timeoutMs });
    } catch {
      return undefined;
    }
  }
}

function probesOf(plan: Plan, region: string): ProbeUse[] {
  return plan.detection.probes[region] ?? [];
}

export function verdictEvents(
  plan: Plan,
  state: AppState,
  region: string,
  rows: ProbeRow[],
  now: number,
): NewDomainEvent[] {
  const from = state.regions[region]?.verdict ?? "unknown";
  const to = verdictOf(rows, from, plan.detection);
  if (to === from) return [];
  const { since, lastGoodAt } = verdictTimes(rows, to, now);
  return [
    {
      key: `verdict/${region}/${state.version}/${to}`,
      kind: "verdict.changed",
      actor: "system:detector",
      data: {
        region,
        from,
        to,
        since: new Date(since).toISOString(),
        ...(lastGoodAt !== undefined && { lastGoodAt: new Date(lastGoodAt).toISOString() }),
        evidence: evidenceOf(rows),
      },
    },
  ];
}

export function trafficEvents(state: AppState, shares: Record<string, number>, now: number): NewDomainEvent[] {
  const same = (code: string) => state.traffic?.shares[code] === shares[code];
  const codes = new Set([...Object.keys(shares), ...Object.keys(state.traffic?.shares ?? {})]);
  if ([...codes].every(same)) return [];
  return [{ key: `traffic/${now}`, kind: "traffic.changed", actor: "system:detector", data: { shares } }];
}
