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
import { isSent, isWaiting } from "./views.ts";
import { suggestWording, type WordingOptions, type WordingRequest } from "./wording.ts";

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
  const people = () => roster.people().flatMap(({ id, name }) => [id, name]);
  async function suggest(event: EventData<"comms.due">, { signal, fence }: WorkerContext): Promise<void> {
    const state = await journal.load();
    const update = state.comms[event.incidentId]?.updates[event.updateId];
    const request = update && requestOf(state, update, await spentBefore(event.incidentId));
    if (!request) return;
    const suggested = await suggestWording(wording, request, signal);
    // Whoever goes on asks anew: that nobody waited for an answer says nothing about the model.
    signal.throwIfAborted();
    const { incidentId, updateId } = event;
    const key = `wording/${updateId}`;
    const data = { incidentId, updateId, ...suggested };
    await journal.commit(() => [{ key, kind: "comms.suggested", actor: "system:assistant", data }], { fence });
  }

  async function spentBefore(incidentId: string): Promise<number> {
    let spent = 0;
    let after = 0;
    for (;;) {
      const events = await journal.read({ after, limit: 1_000 });
      const last = events.at(-1);
      if (!last) return spent;
      spent += spentOn(events, incidentId);
      after = last.seq;
    }
  }

  function requestOf(state: AppState, update: UpdateState, spent: number): WordingRequest | undefined {
    const incident = state.incidents[update.incidentId];
    if (!incident || update.edited || isSent(update) || !isWaiting(update)) return undefined;
    const { facts } = publicFacts(plan, state, incident, situationOf(plan, state), update, wording.clock.now());
    const avoid = Object.values(state.regions).flatMap(({ code, verdict }) => (verdict === "down" ? [code] : []));
    return {
      stage: update.stage,
      template: update.text,
      facts,
      context: { names: internalNames(plan, state), people: people() },
      spentBefore: spent,
      avoid,
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

/** What things are called inside, unless the public knows them by that name. */
function internalNames(plan: Plan, state: AppState): string[] {
  const { regions = {}, components = {} } = plan.communication ?? {};
  const known = new Set([...Object.values(regions), ...Object.values(components)].map(({ name }) => name));
  const names = [
    ...Object.values(plan.regions).flatMap(({ code, name }) => [code, name]),
    ...Object.keys(plan.services),
    ...Object.keys(plan.stores),
    ...Object.keys(plan.runbooks),
    ...Object.keys(state.incidents),
    ...Object.keys(state.runs),
    plan.application,
  ];
  return [...new Set(names)].filter((name) => name.length > 2 && !known.has(name));
}
