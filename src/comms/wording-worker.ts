import { spentOn } from "../assistant/budget.ts";
import type { DomainEvent, EventData } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Roster } from "../people/roster.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, UpdateState } from "../state.ts";
import { followEvents } from "../workers/follow-events.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { situationOf } from "./decide-truth.ts";
import { publicFacts } from "./decide-words.ts";
import { writePublicText } from "./public-text.ts";
import { isSent, isWaiting } from "./views.ts";
import { askForWords, type WordingOptions, type WordingRequest } from "./wording.ts";
import { failingRegions, wordingContext } from "./wording-context.ts";

interface WordingWorkerOptions {
  plan: Plan;
  journal: Journal;
  store: JournalStore;
  roster: Roster;
  wording: WordingOptions;
}

/**
 * A follower: has a model suggest other words for updates that wait for a person. The update stands in the words of
 * its template all the while, and may be posted before anything is suggested.
 */
export function createWordingWorker({ plan, journal, store, roster, wording }: WordingWorkerOptions) {
  async function suggest(event: EventData<"comms.due">, { signal, fence }: WorkerContext): Promise<void> {
    const state = await journal.load();
    const update = state.comms[event.incidentId]?.updates[event.updateId];
    const request = update && requestOf(state, update);
    if (!request) return;
    const { said, ...asked } = await askForWords(wording, request, signal);
    const suggested = said === undefined ? asked : { ...asked, text: writePublicText(said, request.facts) };
    // Whoever goes on asks anew: that nobody waited for an answer says nothing about the model.
    signal.throwIfAborted();
    const { incidentId, updateId } = event;
    const key = `wording/${updateId}`;
    const data = { incidentId, updateId, ...suggested };
    await journal.commit(() => [{ key, kind: "comms.suggested", actor: "system:assistant", data }], { fence });
  }

  function requestOf(state: AppState, update: UpdateState): WordingRequest | undefined {
    const incident = state.incidents[update.incidentId];
    if (!incident || update.edited || isSent(update) || !isWaiting(update)) return undefined;
    const { facts } = publicFacts(plan, state, incident, situationOf(plan, state), update, wording.clock.now());
    return {
      stage: update.stage,
      template: update.text,
      facts,
      context: wordingContext(plan, state, roster.people()),
      spentBefore: spentOn(state, update.incidentId),
      avoid: failingRegions(state),
    };
  }

  return {
    work: (context: WorkerContext): Promise<void> =>
      followEvents({ journal, store, clock: wording.clock, cursor: "cursor/wording" }, context, async (events) => {
        const due = events.filter(isAsked);
        for (const { data } of due) await suggest(data, context);
        return due.length > 0;
      }),
  };
}

function isAsked(event: DomainEvent): event is Extract<DomainEvent, { kind: "comms.due" }> {
  return event.kind === "comms.due" && event.data.publish === "ask";
}
