import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { decideCheckIn } from "./decide-check-in.ts";

/** A worker that appends when people are to be asked how it goes. Apart from the executor: no recovery waits for it. */
export function createCheckIns({ journal, clock }: { journal: Journal; clock: Clock }) {
  return {
    async work({ fence, signal }: WorkerContext): Promise<void> {
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      try {
        while (!signal.aborted) {
          const { events, wakeAt } = decideCheckIn(await journal.load(), clock.now());
          if (events.length === 0) await waker.wait(wakeAt, signal);
          else await journal.commit((fresh) => decideCheckIn(fresh, clock.now()).events, { fence });
        }
      } finally {
        waker.close();
      }
    },
  };
}
