import type { ErrorCode } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import type { Worker } from "../workers/worker.ts";

export interface DoorLogOptions {
  journal: Pick<Journal, "commit">;
  clock: Pick<Clock, "now" | "sleep">;
  instance: string;
  logger: { warn(fields: object, message: string): void };
}

export interface DoorLog {
  refused(source: string, code: ErrorCode): void;
  /** Writes what was counted when its time is over; one for each instance, without a lease. */
  worker: Worker;
}

interface Window {
  since: number;
  until: number;
  lengthMs: number;
  counts: Record<string, number>;
}

const FIRST_WINDOW_MS = 60_000;
const LONGEST_WINDOW_MS = 3_600_000;
/** Sources that are told apart at a time; what comes from more is counted together. */
const MOST_SOURCES = 10;
const LOOK_EVERY_MS = 5_000;

/**
 * Turns refusals at the door into events without letting a flood of them fill the journal: the first of a source is
 * told at once, what follows is counted, and each further count covers twice the time, up to an hour.
 */
export function createDoorLog({ journal, clock, instance, logger }: DoorLogOptions): DoorLog {
  const windows = new Map<string, Window>();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let written: Promise<unknown> = Promise.resolve();

  function write(source: string, counts: Record<string, number>, since: number, until: number): void {
    const data = { source, counts, since: new Date(since).toISOString(), until: new Date(until).toISOString() };
    const key = `door/${instance}/${source}/${since}/${until}`;
    written = journal
      .commit(() => [{ key, kind: "door.refused", actor: "system:door", data }])
      .catch((error) => logger.warn({ err: error, source, counts }, "refusals at the door could not be journaled"));
  }

  /** What is over is written; a source that was quiet for a whole window is forgotten. */
  function flush(now: number, all = false): void {
    for (const [source, { since, until, lengthMs, counts }] of windows) {
      if (!all && now < until) continue;
      windows.delete(source);
      if (Object.keys(counts).length === 0) continue;
      write(source, counts, since, Math.min(now, until));
      const next = Math.min(lengthMs * 2, LONGEST_WINDOW_MS);
      if (!all) windows.set(source, { since: now, until: now + next, lengthMs: next, counts: {} });
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal).catch(() => {});
      flush(clock.now(), stopping.signal.aborted);
    }
    await written;
  }

  return {
    refused(from, code) {
      const now = clock.now();
      flush(now);
      const source = windows.has(from) || windows.size < MOST_SOURCES ? from : "others";
      const window = windows.get(source);
      if (window) {
        window.counts[code] = (window.counts[code] ?? 0) + 1;
        return;
      }
      windows.set(source, { since: now, until: now + FIRST_WINDOW_MS, lengthMs: FIRST_WINDOW_MS, counts: {} });
      write(source, { [code]: 1 }, now, now);
    },
    worker: {
      name: "door-log",
      start() {
        running ??= loop();
      },
      async stop() {
        stopping.abort(new Error("stopped"));
        await running;
      },
    },
  };
}
