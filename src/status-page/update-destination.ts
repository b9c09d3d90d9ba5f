import { isTrue } from "../comms/decide.ts";
import { situationOf } from "../comms/decide-truth.ts";
import type { Stage } from "../comms/events.ts";
import { commsOf, isAfter, isMeant, isReady, updatesOf } from "../comms/views.ts";
import { deliveryOf } from "../deliveries/fold.ts";
import type { Destination, Draft, Message, SendContext } from "../deliveries/port.ts";
import type { DomainEvent } from "../events.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, UpdateState } from "../state.ts";
import type { PublicUpdate } from "./port.ts";
import { type PublicPage, publicPage, publicUpdate } from "./views.ts";

/** An update that somebody is told of, with those before it in its incident, oldest first. */
export interface UpdateBody {
  incidentId: string;
  updateId: string;
  update: PublicUpdate;
  /** `told`: to this very destination. One that was overtaken while nobody could be told is here all the same. */
  before: { updateId: string; update: PublicUpdate; told: boolean }[];
  /** As the public sees it, without its incidents. */
  page: Pick<PublicPage, "title" | "homepage" | "state" | "components">;
}

export interface UpdateDestinationOptions {
  id: string;
  name: string;
  plan: Plan;
  /** The updates that are told there. */
  stages: readonly Stage[];
  /** Answers with the other side's id, where it gives one. Throws AppError. */
  deliver(body: UpdateBody, context: SendContext): Promise<string | undefined>;
}

const PACE_MS = 200;

/**
 * Somebody who is told the public's updates one by one: people by mail, a program by webhook. What could not be told in
 * time is told with the update that follows it, and what is no longer true by then is left.
 */
export function createUpdateDestination(options: UpdateDestinationOptions): Destination<UpdateBody> {
  const { id, name, plan, stages, deliver } = options;

  function draft(state: AppState, { incidentId, updateId }: { incidentId: string; updateId: string }) {
    const update = state.comms[incidentId]?.updates[updateId];
    if (!update || !stages.includes(update.stage)) return [];
    const what = `status update "${update.stage}" of ${incidentId}`;
    return [{ what, incidentId, body: bodyOf(plan, state, update, id) } satisfies Draft<UpdateBody>];
  }

  return {
    id,
    name,
    paceMs: PACE_MS,
    messagesOf(event: DomainEvent, state) {
      // What waits for people is told when they have posted it.
      if (event.kind === "comms.due") return event.data.publish === "automatic" ? draft(state, event.data) : [];
      return event.kind === "comms.approved" ? draft(state, event.data) : [];
    },
    skip: ({ body }, { state, behind }) => useless(plan, state, id, body, behind),
    send: ({ body }, context) => deliver(body, context),
  };
}

function bodyOf(plan: Plan, state: AppState, update: UpdateState, destination: string): UpdateBody {
  const { incidentId, updateId } = update;
  const startedAt = state.incidents[incidentId]?.startedAt ?? update.dueAt;
  const own = publicUpdate(update, startedAt);
  const {
    title = "",
    homepage,
    state: worst = "unknown",
    components = [],
  } = publicPage(plan, state, own.at, { destination: "" }) ?? {};
  const before = updatesOf(commsOf(state, incidentId)).filter((other) => isAfter(update, other) && isMeant(other));
  return {
    incidentId,
    updateId,
    update: own,
    before: before.map((other) => ({
      updateId: other.updateId,
      update: publicUpdate(other, startedAt),
      told: wasTold(state, destination, other.updateId),
    })),
    page: { title, ...(homepage !== undefined && { homepage }), state: worst, components },
  };
}

/** By the keys of the two events that have an update told. */
function wasTold(state: AppState, destination: string, updateId: string): boolean {
  return deliveryOf(state, destination).sent.some(
    ({ messageId }) => messageId === `schedule/${updateId}` || messageId.startsWith(`comms/${updateId}/approved/`),
  );
}

function useless(
  plan: Plan,
  state: AppState,
  destination: string,
  { incidentId, updateId }: UpdateBody,
  behind: readonly Message<UpdateBody>[],
): string | undefined {
  const update = state.comms[incidentId]?.updates[updateId];
  const incident = state.incidents[incidentId];
  if (!update || !incident) return undefined;
  if (wasTold(state, destination, updateId)) return "It was told already.";
  if (update.skipped) return update.skipped.reason;
  if (!isReady(update)) return "Somebody holds it back.";
  const next = behind.find(({ body }) => body.incidentId === incidentId && isReadyIn(state, body));
  if (next) return `"${next.body.update.stage}" says it as well.`;
  return isTrue(update, incident, situationOf(plan, state)) ? undefined : "It is no longer true.";
}

function isReadyIn(state: AppState, { incidentId, updateId }: UpdateBody): boolean {
  const update = state.comms[incidentId]?.updates[updateId];
  return update !== undefined && isReady(update);
}
