import type { Caller } from "../core.ts";
import type { Deliveries } from "../deliveries/deliveries.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import { actorName } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { AppState, IncidentState, UpdateState } from "../state.ts";
import { type CommsView, commsIncident, commsView, type Destination, stageUpdate } from "./comms-view.ts";
import { dueEvent } from "./decide.ts";
import { situationOf, truthOf } from "./decide-truth.ts";
import type { Stage } from "./events.ts";
import { commsOf, isBeingPosted, isSent, isWaiting, latestUpdate, rankOf } from "./views.ts";
import type { LoadWriter, Writer } from "./words.ts";

interface CommsOptions {
  plan: Plan;
  journal: Pick<Journal, "load" | "commit">;
  clock: Pick<Clock, "now">;
  loadWriter: LoadWriter;
  destinations: Destination[];
  /** Whoever is told by a delivery instead of a page; nobody when not given. */
  deliveries?: Deliveries;
  /** Is there a model that could be asked for words? */
  hasModel?: boolean;
}

/** What people do about updates of the status page. Each throws AppError when refused; nothing is written then. */
export function createComms(options: CommsOptions) {
  const { plan, journal, clock, loadWriter, destinations, deliveries, hasModel = false } = options;
  const view = async (state: AppState) =>
    commsView(plan, state, destinations, clock.now(), await loadWriter(), {
      hasModel,
      ...(deliveries && { deliveries: await deliveries.views(state) }),
    });

  /** Decides on the stage's update in the incident that people mean. */
  async function change(
    stage: Stage,
    decide: (state: AppState, incident: IncidentState, update: UpdateState | undefined) => NewDomainEvent[],
  ): Promise<CommsView> {
    const { state } = await journal.commit((fresh) => {
      if (!plan.communication) throw nothingPublished();
      const incident = commsIncident(fresh);
      if (!incident) throw noIncident();
      return decide(fresh, incident, stageUpdate(fresh, incident.incidentId, stage));
    });
    return view(state);
  }

  return {
    view: async (): Promise<CommsView> => view(await journal.load()),

    /** Posts what waits, tries again what was given up, or says early what is true already. */
    async post(stage: Stage, caller: Caller): Promise<CommsView> {
      const write = await loadWriter();
      return change(stage, (state, incident, update) => {
        const now = clock.now();
        if (!update || update.skipped) {
          const due = early(plan, state, incident, stage, now, write);
          return [due, approved(due.data, caller, state.version)];
        }
        const failed = Object.keys(update.failed).length > 0;
        if (!isWaiting(update) && !failed) throw alreadyPosted(update);
        if (!failed && !update.edited) ensureTrue(plan, state, incident, stage);
        return [approved(update, caller, state.version)];
      });
    },

    /** Has what was given up tried again; of every destination when none is named. */
    async retry(destination: string | undefined, caller: Caller): Promise<CommsView> {
      if (!deliveries) throw refused("Nobody is told by pager, mail or webhook.", "See docs/communication.md.");
      await deliveries.retry(destination, caller);
      return view(await journal.load());
    },

    hold: (stage: Stage, caller: Caller): Promise<CommsView> =>
      change(stage, (state, { incidentId }, update) => {
        const { round, held } = commsOf(state, incidentId);
        if (update && !update.skipped && isSent(update)) throw alreadyPosted(update);
        const already = update && !update.skipped ? update.held : held[stage];
        if (already) throw refused(`“${stage}” is held by ${actorName(already.by)} already.`, `comms post ${stage}`);
        const data = { incidentId, stage, round };
        const key = `comms/${incidentId}/${stage}/held/${state.version}`;
        return [{ key, kind: "comms.held", actor: caller.principal, data }];
      }),

    /** The words become those of the person; what is posted already stays as it is. */
    edit: (stage: Stage, text: string, caller: Caller): Promise<CommsView> =>
      change(stage, ({ version }, _, update) => {
        if (!update || update.skipped) {
          throw refused(`“${stage}” is not due yet.`, "Hold it; it can be rewritten when its time has come.");
        }
        // Until it is known what came of it, a page may show the words of before.
        if (isSent(update) || isBeingPosted(update)) throw alreadyPosted(update);
        const { incidentId, updateId } = update;
        const key = `comms/${updateId}/edited/${version}`;
        return [{ key, kind: "comms.edited", actor: caller.principal, data: { incidentId, updateId, text } }];
      }),
  };
}

function early(plan: Plan, state: AppState, incident: IncidentState, stage: Stage, now: number, write: Writer) {
  const comms = commsOf(state, incident.incidentId);
  const latest = latestUpdate(comms);
  if (latest && rankOf(stage) <= rankOf(latest.stage)) {
    throw refused(`“${latest.stage}” came after “${stage}” already.`, 'See "comms" for what may still be posted.');
  }
  ensureTrue(plan, state, incident, stage);
  const situation = situationOf(plan, state);
  return dueEvent(plan, state, incident, situation, { stage, round: comms.round, because: "person" }, now, write);
}

function approved(
  { incidentId, updateId }: { incidentId: string; updateId: string },
  caller: Caller,
  version: number,
): NewDomainEvent {
  const key = `comms/${updateId}/approved/${version}`;
  return { key, kind: "comms.approved", actor: caller.principal, data: { incidentId, updateId } };
}

/** A person may decide when something is said, and in which words; not that it is so. */
function ensureTrue(plan: Plan, state: AppState, incident: IncidentState, stage: Stage): void {
  if (truthOf(stage, incident, situationOf(plan, state)).holds) return;
  throw refused(
    `“${stage}” is not what is seen now.`,
    `It can be posted when it is. In words of your own: wait until it is due, then comms edit ${stage}.`,
  );
}

function alreadyPosted({ stage, sent }: UpdateState): AppError {
  if (Object.keys(sent).length === 0) return refused(`“${stage}” is on its way.`, 'See "comms".');
  return refused(`“${stage}” is posted already.`, "What the public has read stays; the next update says what changed.");
}

function noIncident(): AppError {
  return refused("There is no incident to tell the public of.", 'See "status".');
}

function nothingPublished(): AppError {
  return refused("The plan publishes nothing.", "Add communication to the plan (docs/communication.md).");
}

function refused(summary: string, hint: string): AppError {
  return new AppError({ code: "wrong-state", summary, hint });
}
