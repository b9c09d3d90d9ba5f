import type { Socket } from "node:net";

/** One direction of a connection through a gate: what came in goes out after a delay, and not at all while held. */
export interface Pipe {
  /** What may flow has changed. */
  nudge(): void;
}

export interface PipeOptions {
  from: Socket;
  /** Undefined until the far side is connected. */
  to(): Socket | undefined;
  held(): boolean;
  delayMs(): number;
  /** Sees the bytes before they leave. */
  inspect?(chunk: Buffer): void;
}

const MAX_QUEUED_BYTES = 256 * 1024;

interface Queued {
  dueAt: number;
  /** Undefined for the end of the stream. */
  chunk: Buffer | undefined;
}

export function createPipe({ from, to, held, delayMs, inspect }: PipeOptions): Pipe {
  const queue: Queued[] = [];
  let queuedBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let draining = false;

  function enqueue(chunk: Buffer | undefined): void {
    // Bytes never overtake: only the head of the queue is looked at, so a shortened delay waits its turn.
    queue.push({ dueAt: performance.now() + delayMs(), chunk });
    queuedBytes += chunk?.length ?? 0;
    if (queuedBytes > MAX_QUEUED_BYTES) from.pause();
    flush();
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const out = to();
    if (!out || held() || draining) return;
    while (queue.length > 0) {
      const next = queue[0]!;
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(flush, waitMs);
        return;
      }
      queue.shift();
      if (!next.chunk) {
        out.end();
        return;
      }
      queuedBytes -= next.chunk.length;
      if (!out.write(next.chunk)) {
        draining = true;
        out.once("drain", () => {
          draining = false;
          flush();
        });
        break;
      }
    }
    if (queuedBytes < MAX_QUEUED_BYTES / 2) from.resume();
  }

  from.on("data", (chunk) => {
    inspect?.(chunk);
    enqueue(chunk);
  });
  from.on("end", () => enqueue(undefined));
  from.on("close", () => {
    if (queue.length === 0) clearTimeout(timer);
  });
  return { nudge: flush };
}
