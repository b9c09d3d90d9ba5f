import type { Logger } from "pino";
import { AppError } from "../errors.ts";
import type { DomainEvent, NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Plan, ProbeUse } from "../plans/plan.ts";
import type { Clock, ProbeResult, Registry } from "../ports.ts";
import type { AppState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { beatMs, type Doubt, doubted, isObservation, lastingDoubt, observerEvents } from "./doubt.ts";
import { createPunctuality } from "./punctuality.ts";
import { type Subject, subjectsOf } from "./subjects.ts";

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
 * A failure that this process may have caused itself, by being late or by what it ran out of, is no observation.
 */
export function createDetector(options: DetectorOptions): { work(context: WorkerContext): Promise<void> } {
  const { plan, registry, journal, clock, logger } = options;
  const { detection } = plan;
  const punctuality = createPunctuality(clock, beatMs(detection));
  // Outlives a lease: whoever was frozen for so long that it lost its lease is late all the more.
  const doubts = new Map<string, Doubt | undefined>();
  let lastEpoch = 0;

  return {
    async work({ fence, signal: stopping }) {
      const ended = new AbortController();
      const signal = AbortSignal.any([stopping, ended.signal]);
      // Somebody else has looked meanwhile.
      if (fence.epoch > lastEpoch + 1) doubts.clear();
      lastEpoch = fence.epoch;
      const subjects = subjectsOf(plan, clock);
      let failed: unknown;
      let gaveUp = false;
      // Appends follow each other, so that two answers in one instant cannot both claim the same change.
      let writing: Promise<unknown> = Promise.resolve();
      const append = (events: (state: AppState) => NewDomainEvent[]) => {
        writing = writing
          .then(() => (signal.aborted ? undefined : journal.commit(events, { fence })))
          .then((committed) => tell(logger, committed?.events ?? []))
          .catch((error) => {
            if (error instanceof AppError && error.code === "fenced") failed = error;
            else logger.error({ err: error }, "a detection could not be journaled; the next answer tries again");
          });
      };

      const look = async ({ key, use, observe, isSettled, events }: Subject) => {
        const askedAt = clock.now();
        const lateness = punctuality.measure();
        const result = await runProbe(use, signal);
        const lateMs = lateness();
        const before = doubts.get(key);
        const counts = isObservation(result, lateMs, detection);
        if (!counts) {
          const { ownFault: fault } = result;
          if (!before)
            logger.warn({ probe: key, lateMs, fault }, "a failed look does not count: it was our own failure");
          doubts.set(key, doubted(before, result, lateMs, clock.now()));
          gaveUp ||= lastingDoubt(doubts, clock.now(), detection) !== undefined;
        }
        // What a freeze has made of a look is known even when it has cost the lease.
        if (signal.aborted) return;
        if (counts) {
          observe(result, result.ok ? clock.now() : askedAt);
          doubts.set(key, isSettled() ? undefined : before);
        }
        const about = { probes: subjects.length, now: clock.now(), times: detection };
        const known = new Map(doubts);
        append((state) => [...events(state), ...observerEvents(state, known, about)]);
      };
      const readTraffic = async () => {
        const shares = await trafficShares(signal);
        if (shares) append((state) => trafficEvents(state, shares, clock.now()));
      };

      void punctuality.beat(signal);
      while (!signal.aborted && !failed && !gaveUp) {
        for (const subject of subjects) void look(subject);
        void readTraffic();
        await clock.sleep(detection.intervalMs, signal).catch(() => {});
      }
      await writing;
      ended.abort();
      if (failed) throw failed;
      if (!gaveUp || stopping.aborted) return;
      // Another instance may see more. Should there be none, this one begins anew, with all its patience.
      doubts.clear();
      logger.warn("this instance has seen too little for too long: the detector's lease is given up for a moment");
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

/** That the observer itself is late is for whoever reads its log, too. */
function tell(logger: Logger, events: readonly DomainEvent[]): void {
  for (const event of events) {
    if (event.kind === "observer.late")
      logger.warn(event.data, "late itself, or unable to look: what does not answer counts against no region");
    if (event.kind === "observer.punctual") logger.info(event.data, "in time again: what does not answer counts");
  }
}

export function trafficEvents(state: AppState, shares: Record<string, number>, now: number): NewDomainEvent[] {
  const same = (code: string) => state.traffic?.shares[code] === shares[code];
  const codes = new Set([...Object.keys(shares), ...Object.keys(state.traffic?.shares ?? {})]);
  if ([...codes].every(same)) return [];
  return [{ key: `traffic/${now}`, kind: "traffic.changed", actor: "system:detector", data: { shares } }];
}
