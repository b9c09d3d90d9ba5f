import type { Journal } from "../journal/journal.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { decideComms } from "./decide.ts";
import { spokenIncidents } from "./views.ts";
import type { LoadWriter } from "./words.ts";

/** A worker that appends which update is due. Apart from the executor: no recovery waits for a text. */
export function createScheduler(options: { plan: Plan; journal: Journal; clock: Clock; loadWriter: LoadWriter }) {
  const { plan, journal, clock, loadWriter } = options;
  return {
    async work({ fence, signal }: WorkerContext): Promise<void> {
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      try {
        while (!signal.aborted) {
          const state = await journal.load();
          if (!plan.communication || spokenIncidents(state).length === 0) {
            await waker.wait(undefined, signal);
            continue;
          }
          const write = await loadWriter();
          const { events, wakeAt } = decideComms(plan, state, clock.now(), write);
          if (events.length === 0) await waker.wait(wakeAt, signal);
          else await journal.commit((fresh) => decideComms(plan, fresh, clock.now(), write).events, { fence });
        }
      } finally {
        waker.close();
      }
    },
  };
}
