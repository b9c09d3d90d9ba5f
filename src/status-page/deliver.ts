import { remoteIncident } from "../comms/decide-delivery.ts";
import { wordsOf } from "../comms/decide-wording.ts";
import type { Words } from "../comms/events.ts";
import { commsOf, isReady, updatesOf } from "../comms/views.ts";
import { AppError, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence, JournalStore } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { AppState, UpdateState } from "../state.ts";
import { ensureHeld } from "../workers/held.ts";
import type { StatusPagePort } from "./port.ts";
import { publicPage, publicUpdate } from "./views.ts";

/** Under which a page knows an update again. */
export function markerOf({ application }: Pick<Plan, "application">, updateId: string): string {
  return `${application}/${updateId}`;
}

interface DelivererOptions {
  page: StatusPagePort;
  plan: Plan;
  journal: Journal;
  store: JournalStore;
  clock: Clock;
  fence: Fence;
  signal: AbortSignal;
}

/**
 * Posts one update to one page. That it is about to be posted stands in a record before the post, so that whoever
 * comes after a crash looks for it before posting again; that it was, stands in the journal.
 */
export function createDeliverer({ page, plan, journal, store, clock, fence, signal }: DelivererOptions) {
  const keyOf = (updateId: string) => `status-page/${page.id}/update/${updateId}`;

  async function record(updateId: string, ref?: string): Promise<void> {
    const value = JSON.stringify(ref === undefined ? { state: "posting" } : { state: "posted", ref });
    ensureHeld(await store.setRecord(keyOf(updateId), value, fence), fence);
  }

  async function post(state: AppState, update: UpdateState, incident: string | undefined): Promise<string> {
    const { updateId, incidentId } = update;
    const at = new Date(clock.now()).toISOString();
    const shown = publicPage(plan, state, at, { destination: page.id, including: updateId });
    const startedAt = state.incidents[incidentId]?.startedAt ?? update.dueAt;
    if (!shown) throw new AppError({ code: "wrong-state", summary: "The plan publishes nothing any more." });
    await record(updateId);
    try {
      const context = {
        marker: markerOf(plan, updateId),
        page: shown,
        signal,
        ...(incident !== undefined && { incident }),
      };
      return await page.post(publicUpdate(update, startedAt), context);
    } catch (error) {
      // Refused, so that it does not stand there: nobody need look for it.
      if (error instanceof AppError && isNo(error)) await store.deleteRecord(keyOf(updateId));
      throw error;
    }
  }

  /**
   * Says in the journal that it is about to be posted, unless it was skipped, held or posted since it was chosen: from
   * then on nobody calls it skipped before it is known whether it stands there.
   */
  async function claim({ updateId, incidentId }: UpdateState): Promise<UpdateState | undefined> {
    const { state } = await journal.commit(
      ({ comms, version }) => {
        const update = comms[incidentId]?.updates[updateId];
        if (!update || !isFree(update) || update.posting?.[page.id] !== undefined) return [];
        const data = { incidentId, updateId, destination: page.id };
        const key = `comms/${updateId}/posting/${page.id}/${version}`;
        return [{ key, kind: "comms.posting", actor: `system:${page.id}`, data }];
      },
      { fence },
    );
    const update = state.comms[incidentId]?.updates[updateId];
    return update && isFree(update) ? update : undefined;
  }

  const isFree = (update: UpdateState) => isReady(update) && !update.sent[page.id];

  /** It was looked for, and is not there. */
  async function unposted({ updateId, incidentId }: UpdateState): Promise<AppState> {
    const { state } = await journal.commit(
      ({ comms, version }) => {
        if (comms[incidentId]?.updates[updateId]?.posting?.[page.id] === undefined) return [];
        const data = { incidentId, updateId, destination: page.id };
        const key = `comms/${updateId}/unposted/${page.id}/${version}`;
        return [{ key, kind: "comms.unposted", actor: `system:${page.id}`, data }];
      },
      { fence },
    );
    return state;
  }

  /** What was about to be posted when somebody stopped: its incident's remote id, if it stands there. */
  async function find({ updateId, incidentId }: UpdateState, state: AppState): Promise<string | undefined> {
    const known = await store.getRecord(keyOf(updateId));
    const before = known === undefined ? undefined : (JSON.parse(known) as { state: string; ref?: string });
    const incident = remoteIncident(state, incidentId, page.id);
    if (before?.state !== "posting") return before?.ref;
    return await page.find(markerOf(plan, updateId), { signal, ...(incident !== undefined && { incident }) });
  }

  async function sent({ updateId, incidentId }: UpdateState, ref: string): Promise<AppState> {
    await record(updateId, ref);
    const { state } = await journal.commit(
      ({ comms }) => {
        if (comms[incidentId]?.updates[updateId]?.sent[page.id]) return [];
        const words = comms[incidentId]?.updates[updateId];
        const data = { incidentId, updateId, destination: page.id, ref, ...(words && saidOf(words)) };
        return [{ key: `comms/${updateId}/sent/${page.id}`, kind: "comms.sent", actor: `system:${page.id}`, data }];
      },
      { fence },
    );
    return state;
  }

  async function settle(update: UpdateState, state: AppState): Promise<AppState> {
    const ref = await find(update, state);
    return ref === undefined ? await unposted(update) : await sent(update, ref);
  }

  /**
   * An earlier update of the incident may stand there though nobody knows so, and be overtaken by now: without it
   * the incident would be begun a second time.
   */
  async function withEarlier(state: AppState, { incidentId, updateId }: UpdateState): Promise<AppState> {
    let now = state;
    for (const one of updatesOf(commsOf(state, incidentId))) {
      if (one.updateId === updateId || one.sent[page.id] || one.skipped) continue;
      now = await settle(one, now);
    }
    return now;
  }

  return {
    async deliver(known: AppState, update: UpdateState): Promise<void> {
      const state = await withEarlier(known, update);
      const ref = await find(update, state);
      if (ref !== undefined) return void (await sent(update, ref));
      const claimed = await claim(update);
      if (!claimed) return;
      await sent(claimed, await post(state, claimed, remoteIncident(state, update.incidentId, page.id)));
    },

    /** Finds out what came of one that is not to be posted any more. */
    async settle(state: AppState, update: UpdateState): Promise<void> {
      await settle(update, state);
    },

    /** Said once of an update, and once more when it is given up. */
    async failed({ incidentId, updateId }: UpdateState, error: AppError): Promise<void> {
      const { code, summary, hint } = reportError(error);
      await journal.commit(
        ({ comms, version }) => {
          const update = comms[incidentId]?.updates[updateId];
          const known = update?.failed[page.id];
          if (!update || update.sent[page.id] || known?.retrying === error.retryable) return [];
          const why = { destination: page.id, code, summary, hint, retrying: error.retryable };
          const key = `comms/${updateId}/failed/${page.id}/${version}`;
          return [{ key, kind: "comms.failed", actor: `system:${page.id}`, data: { incidentId, updateId, ...why } }];
        },
        { fence },
      );
    },
  };
}

/** Whose words they are is said where somebody or something but the template might have given them. */
function saidOf(update: UpdateState): { words?: Words } {
  return update.edited || update.wording ? { words: wordsOf(update) } : {};
}

function isNo({ code, retryable }: AppError): boolean {
  return code === "vendor-throttled" || !retryable;
}
