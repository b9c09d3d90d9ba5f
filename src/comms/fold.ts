import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { AppState, IncidentComms, UpdateState } from "../state.ts";

export const noComms: IncidentComms = { round: 1, updates: {}, held: {} };

export function foldComms(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "comms.due": {
      const { incidentId, stage, round, ...data } = event.data;
      return withIncident(state, incidentId, (old) => {
        const held = round === old.round ? old.held[stage] : undefined;
        const update: UpdateState = {
          ...data,
          incidentId,
          stage,
          round,
          dueAt: event.at,
          ...(held && { held }),
          sent: {},
          failed: {},
        };
        // What was held in an earlier round was held for that one.
        const kept = round === old.round ? old.held : {};
        return { ...old, round, held: kept, updates: { ...old.updates, [data.updateId]: update } };
      });
    }
    case "comms.held": {
      const { incidentId, stage, round } = event.data;
      const held = { by: event.actor, at: event.at };
      return withIncident(state, incidentId, (old) => ({
        ...old,
        held: { ...old.held, [stage]: held },
        updates: mapped(old.updates, (one) => {
          if (one.stage !== stage || one.round !== round) return one;
          const { approved: _, ...rest } = one;
          return { ...rest, held };
        }),
      }));
    }
    case "comms.approved":
      return withUpdate(state, event.data, ({ held: _, ...old }) => ({
        ...old,
        approved: { by: event.actor, at: event.at },
        failed: {},
      }));
    case "comms.edited":
      return withUpdate(state, event.data, (old) => ({
        ...old,
        text: event.data.text,
        edited: { by: event.actor, at: event.at },
      }));
    case "comms.suggested": {
      const { text, model = "" } = event.data;
      return text === undefined
        ? state
        : withUpdate(state, event.data, (old) => ({ ...old, suggested: { text, model } }));
    }
    case "comms.skipped":
      return withUpdate(state, event.data, (old) => ({
        ...old,
        skipped: { at: event.at, reason: event.data.reason },
      }));
    case "comms.sent": {
      const { destination, ref } = event.data;
      return withUpdate(state, event.data, (old) => {
        const sent = { ...old.sent, [destination]: { at: event.at, ...(ref !== undefined && { ref }) } };
        return { ...tried(known(back(old, destination), destination), destination), sent };
      });
    }
    case "comms.posting": {
      const { destination } = event.data;
      return withUpdate(state, event.data, (old) => ({
        ...back(old, destination),
        posting: { ...old.posting, [destination]: event.at },
      }));
    }
    case "comms.unposted":
      return withUpdate(state, event.data, (old) => known(old, event.data.destination));
    case "comms.failed": {
      const { incidentId: _, updateId: __, destination, ...why } = event.data;
      return withUpdate(state, event.data, (old) => ({
        ...back(old, destination),
        failed: { ...old.failed, [destination]: { at: event.at, ...why } },
      }));
    }
    case "comms.abandoned": {
      const { destination, mayStand } = event.data;
      return withUpdate(state, event.data, (old) => ({
        ...tried(known(old, destination), destination),
        abandoned: { ...old.abandoned, [destination]: { at: event.at, mayStand } },
      }));
    }
    case "comms.contradicted": {
      const { incidentId, destination, problems } = event.data;
      return withIncident(state, incidentId, (old) => {
        const before = old.contradictions?.[destination];
        const found = { times: (before?.times ?? 0) + 1, since: before?.since ?? event.at, problems };
        return { ...old, contradictions: { ...old.contradictions, [destination]: found } };
      });
    }
    case "comms.agreed": {
      const { incidentId, destination } = event.data;
      return withIncident(state, incidentId, (old) => {
        const { times = 0 } = old.contradictions?.[destination] ?? {};
        return { ...old, contradictions: { ...old.contradictions, [destination]: { times, problems: [] } } };
      });
    }
    default:
      return state;
  }
}

/** The page is configured once more: something came of it. */
function back(update: UpdateState, destination: string): UpdateState {
  if (!update.abandoned) return update;
  const { [destination]: _, ...abandoned } = update.abandoned;
  return { ...update, abandoned };
}

/** It does not fail there any more. */
function tried(update: UpdateState, destination: string): UpdateState {
  const { [destination]: _, ...failed } = update.failed;
  return { ...update, failed };
}

/** What came of posting it there. */
function known(update: UpdateState, destination: string): UpdateState {
  const { [destination]: _, ...posting } = update.posting ?? {};
  return { ...update, posting };
}

function withIncident(state: AppState, id: string, change: (old: IncidentComms) => IncidentComms): AppState {
  return { ...state, comms: { ...state.comms, [id]: change(state.comms[id] ?? noComms) } };
}

type Which = { incidentId: string; updateId: string };

function withUpdate(
  state: AppState,
  { incidentId, updateId }: Which,
  change: (old: UpdateState) => UpdateState,
): AppState {
  const old = own(own(state.comms, incidentId)?.updates ?? {}, updateId);
  if (!old) return state;
  return withIncident(state, incidentId, (all) => ({ ...all, updates: { ...all.updates, [updateId]: change(old) } }));
}

function mapped<T>(record: Record<string, T>, change: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
