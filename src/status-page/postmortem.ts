import { remoteIncident } from "../comms/decide-delivery.ts";
import { commsOf, updatesOf } from "../comms/views.ts";
import type { PostmortemFacts } from "../comms/words.ts";
import type { Destination } from "../deliveries/port.ts";
import { plainInstant } from "../format.ts";
import type { AppState } from "../state.ts";
import { publicUpdate } from "./views.ts";
import { stageWords } from "./words.ts";

export interface PostmortemBody {
  /** The remote id of the incident. */
  incident: string;
  facts: PostmortemFacts;
}

export interface PostmortemOptions {
  /** The page that keeps it. */
  page: string;
  paceMs: number;
  /** May be repeated: it replaces the draft. */
  save(body: PostmortemBody, signal: AbortSignal): Promise<void>;
}

/**
 * Leaves the draft of a public post-mortem where an incident's end was posted: what the public was told, and nothing
 * else. People finish and publish it there; Muster never does.
 */
export function createPostmortemDestination({ page, paceMs, save }: PostmortemOptions): Destination<PostmortemBody> {
  return {
    id: `${page}-postmortem`,
    name: `drafts of post-mortems on ${page}`,
    paceMs,
    messagesOf(event, state) {
      if (event.kind !== "comms.sent" || event.data.destination !== page) return [];
      const { incidentId, updateId } = event.data;
      const incident = remoteIncident(state, incidentId, page);
      const isEnd = state.comms[incidentId]?.updates[updateId]?.stage === "resolved";
      if (!isEnd || incident === undefined) return [];
      const body = { incident, facts: factsOf(state, incidentId, page) };
      return [{ what: `draft of the post-mortem of ${incidentId} on ${page}`, incidentId, body }];
    },
    async send({ body }, { signal }) {
      await save(body, signal);
      return body.incident;
    },
  };
}

function factsOf(state: AppState, incidentId: string, page: string): PostmortemFacts {
  const told = updatesOf(commsOf(state, incidentId)).filter(({ sent }) => sent[page] !== undefined);
  const updates = told.map((update) => publicUpdate(update, state.incidents[incidentId]?.startedAt ?? update.dueAt));
  const last = updates.at(-1);
  return {
    title: last?.title ?? "",
    end: last?.text ?? "",
    updates: updates.map(({ at, stage, text }) => ({
      at: plainInstant(at).slice(0, 16),
      stage: stageWords[stage],
      text,
    })),
  };
}
