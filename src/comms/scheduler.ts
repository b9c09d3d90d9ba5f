import { spentOn } from "../assistant/budget.ts";
import type { Journal } from "../journal/journal.ts";
import type { Roster } from "../people/roster.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { decideComms } from "./decide.ts";
import { decideAbandoned } from "./decide-abandoned.ts";
import { createQuestions } from "./questions.ts";
import { spokenIncidents } from "./views.ts";
import type { WordingOptions } from "./wording.ts";
import { failingRegions, wordingContext } from "./wording-context.ts";
import type { LoadWriter } from "./words.ts";

interface SchedulerOptions {
  plan: Plan;
  journal: Journal;
  clock: Clock;
  loadWriter: LoadWriter;
  /** The pages that there are, by id. */
  pages: readonly string[];
  roster: Pick<Roster, "people">;
  /** Where a model is configured: what is posted by itself may have its words. */
  wording?: WordingOptions & { withinMs: number };
}

/** A worker that appends which update is due. Apart from the executor: no recovery waits for a text. */
export function createScheduler({ plan, journal, clock, loadWriter, pages, roster, wording }: SchedulerOptions) {
  const contextOf = (state: AppState) => wordingContext(plan, state, roster.people());

  return {
    async work({ fence, signal }: WorkerContext): Promise<void> {
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      const questions = wording && createQuestions({ ...wording, wording, clock, answered: waker.wake });
      const decide = (state: AppState, write: Awaited<ReturnType<LoadWriter>>) =>
        decideComms(plan, state, clock.now(), write, questions && { ...questions, context: contextOf(state) });
      try {
        while (!signal.aborted) {
          const state = await journal.load();
          const gone = decideAbandoned(state, pages, clock.now());
          if (gone.events.length > 0) {
            await journal.commit((fresh) => decideAbandoned(fresh, pages, clock.now()).events, { fence });
            continue;
          }
          if (!plan.communication || spokenIncidents(state).length === 0) {
            questions?.forget();
            await waker.wait(gone.wakeAt, signal);
            continue;
          }
          const write = await loadWriter();
          const { events, wakeAt, wanted = [] } = decide(state, write);
          for (const one of wanted) {
            const about = { context: contextOf(state), avoid: failingRegions(state) };
            questions?.ask(one, { ...about, spentBefore: spentOn(state, one.incidentId) }, signal);
          }
          if (events.length > 0) {
            await journal.commit((fresh) => decide(fresh, write).events, { fence });
            continue;
          }
          if (wanted.length > 0) continue;
          const unused = questions?.unused(state, clock.now()) ?? [];
          if (unused.length > 0) {
            await journal.commit(() => unused, { fence });
            for (const { data } of unused) if ("updateId" in data) questions?.settle(data.updateId);
            continue;
          }
          await waker.wait(earliest(wakeAt, gone.wakeAt), signal);
        }
      } finally {
        waker.close();
      }
    },
  };
}

function earliest(...moments: (number | undefined)[]): number | undefined {
  const known = moments.filter((at) => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
