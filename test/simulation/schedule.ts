import type { Clock } from "../../src/ports.ts";

/** A process of the simulated world: what is meant for it is lost when it dies, and waits while it is frozen. */
export interface Process {
  name: string;
  alive: boolean;
  frozen: boolean;
}

interface Turn {
  atMs: number;
  order: number;
  owner: Process | undefined;
  run(): void;
}

/**
 * Virtual time. What happens is a list of turns, each with its moment; time passes only between turns, and the
 * next one is taken when everything that the last one set off has come to rest.
 */
export interface Schedule {
  nowMs(): number;
  /** Runs `run` after `delayMs`, in the process that owns it. Returns what takes it back. */
  after(delayMs: number, owner: Process | undefined, run: () => void): () => void;
  /** What waited for a frozen process comes at once, in its order. */
  thaw(owner: Process): void;
  /** Takes turns until none is left, the moment has come, or it is told to stop. */
  runUntil(untilMs: number): Promise<void>;
  turns(): number;
  /**
   * Calls back when the signal is aborted, and never after `close`. Node keeps a signal that is made of others alive for
   * as long as anybody listens to it, and with it everything that those who died left waiting.
   */
  onAbort(signal: AbortSignal, listener: () => void): () => void;
  /** Nothing happens any more. */
  close(): void;
}

/** A fixed first moment: nothing in a simulation may depend on when it is run. */
export const EPOCH_MS = Date.parse("2026-01-01T00:00:00Z");

export function createSchedule(isOver: () => boolean = () => false): Schedule {
  const queue = createQueue();
  const held: Turn[] = [];
  const listening = new Set<() => void>();
  let nowMs = 0;
  let order = 0;
  let turns = 0;

  return {
    nowMs: () => nowMs,
    turns: () => turns,
    onAbort(signal, listener) {
      const aborted = () => {
        listening.delete(stop);
        listener();
      };
      const stop = () => {
        listening.delete(stop);
        signal.removeEventListener("abort", aborted);
      };
      listening.add(stop);
      signal.addEventListener("abort", aborted, { once: true });
      return stop;
    },
    close() {
      for (const stop of listening) stop();
    },
    after(delayMs, owner, run) {
      const turn = { atMs: nowMs + Math.max(0, Math.ceil(delayMs)), order: order++, owner, run };
      queue.push(turn);
      return () => {
        turn.run = () => {};
      };
    },
    thaw(owner) {
      for (const turn of held.splice(0)) {
        if (turn.owner === owner) queue.push({ ...turn, run: () => turn.run(), atMs: nowMs, order: order++ });
        else held.push(turn);
      }
    },
    async runUntil(untilMs) {
      for (let turn = queue.peek(); turn && turn.atMs <= untilMs && !isOver(); turn = queue.peek()) {
        queue.pop();
        if (turn.owner && !turn.owner.alive) continue;
        if (turn.owner?.frozen) {
          held.push(turn);
          continue;
        }
        nowMs = turn.atMs;
        turns++;
        turn.run();
        await atRest();
      }
      if (!isOver()) nowMs = Math.max(nowMs, untilMs);
    },
  };
}

/**
 * Every promise that could be settled is settled before Node comes to its immediates. Nothing else can be under
 * way: timers, turns of the event loop and the world are all virtual.
 */
function atRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The clock of one process. Its sleeps end in virtual time, and never when it has died. */
export function createClock(schedule: Schedule, owner: Process): Clock {
  const timeout = (ms: number) => {
    const over = new AbortController();
    schedule.after(ms, owner, () => over.abort(new DOMException("The time is over.", "TimeoutError")));
    return over.signal;
  };
  return {
    now: () => EPOCH_MS + schedule.nowMs(),
    monotonic: () => schedule.nowMs(),
    timeout,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const cancel = schedule.after(Math.max(1, ms), owner, () => {
          deafen?.();
          resolve();
        });
        const deafen =
          signal &&
          schedule.onAbort(signal, () => {
            cancel();
            reject(signal.reason);
          });
      }),
  };
}

/** A binary heap by moment, and by the order of the calls within one moment. */
function createQueue() {
  const heap: Turn[] = [];
  const before = (a: Turn, b: Turn) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const at = (index: number) => heap[index] as Turn;
  const swap = (a: number, b: number) => {
    const turn = at(a);
    heap[a] = at(b);
    heap[b] = turn;
  };
  return {
    peek: (): Turn | undefined => heap[0],
    push(turn: Turn): void {
      heap.push(turn);
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1;
        if (!before(at(index), at(parent))) return;
        swap(index, parent);
        index = parent;
      }
    },
    pop(): void {
      const last = heap.pop();
      if (heap.length === 0 || !last) return;
      heap[0] = last;
      for (let index = 0; ; ) {
        const left = 2 * index + 1;
        let first = index;
        if (left < heap.length && before(at(left), at(first))) first = left;
        if (left + 1 < heap.length && before(at(left + 1), at(first))) first = left + 1;
        if (first === index) return;
        swap(index, first);
        index = first;
      }
    },
  };
}
