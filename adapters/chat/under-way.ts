import { setTimeout as pause } from "node:timers/promises";

export interface Sign {
  /** Nothing is shown before: a quick answer needs no sign. */
  afterMs: number;
  /** How long one lasts, where the platform takes it away again; absent where it stays. */
  againMs?: number;
  show(signal: AbortSignal): Promise<void>;
  /** A sign that could not be shown is worth a line in the log and nothing else. */
  failed(error: unknown): void;
}

/** What takes longer than this many signs is not helped by one more. */
const MOST_SIGNS = 100;

/** Shows that something is under way until it is done. Settles exactly as the work does, and never later. */
export async function underWay<T>(sign: Sign, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  showSigns(sign, over.signal).catch((error) => {
    if (!over.signal.aborted) sign.failed(error);
  });
  try {
    return await work();
  } finally {
    over.abort();
  }
}

async function showSigns({ afterMs, againMs, show }: Sign, signal: AbortSignal): Promise<void> {
  await pause(afterMs, undefined, { signal, ref: false });
  for (let shown = 1; shown <= MOST_SIGNS; shown++) {
    await show(signal);
    if (againMs === undefined) return;
    await pause(againMs, undefined, { signal, ref: false });
  }
}
