import { type AppError, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { isLate } from "./decide-sending.ts";
import { deliveryOf } from "./fold.ts";
import type { Destination, Message } from "./port.ts";

interface ToldOptions {
  destination: Destination;
  journal: Pick<Journal, "commit">;
  clock: Pick<Clock, "now">;
}

/** Journals what became of messages. Each may be said again: what the journal knows already adds nothing. */
export function createTold({ destination, journal, clock }: ToldOptions, fence: Fence) {
  const actor = `system:${destination.id}`;
  const keyOf = (id: string, what: string) => `delivery/${destination.id}/${id}/${what}`;
  const about = ({ id, what, seq, incidentId, runId }: Message) => ({
    destination: destination.id,
    messageId: id,
    what,
    eventSeq: seq,
    ...(incidentId !== undefined && { incidentId }),
    ...(runId !== undefined && { runId }),
  });

  return {
    async sent(message: Message, parts: readonly Message[], ref: string | undefined): Promise<void> {
      const late = isLate(destination, message, clock.now());
      const ids = parts.map(({ id }) => id);
      await journal.commit(
        (state) => {
          const { sent, failed } = deliveryOf(state, destination.id);
          const isKnown = sent.some(({ messageId }) => messageId === message.id);
          const isQuiet = parts.every(({ quiet }) => quiet) && !ids.some((id) => failed[id]);
          if (isKnown || isQuiet) return [];
          const data = {
            ...about(message),
            happenedAt: message.at,
            ...(late && { late: true as const }),
            ...(ref !== undefined && { ref }),
            ...(parts.length > 1 && { covers: ids }),
          };
          return [{ key: keyOf(message.id, "sent"), kind: "delivery.sent", actor, data }];
        },
        { fence },
      );
    },

    /** Said once while it goes on being tried, and once more when it is given up. */
    async failed(message: Message, error: AppError, retrying: boolean): Promise<void> {
      const { code, summary, hint } = reportError(error);
      await journal.commit(
        (state) => {
          const known = deliveryOf(state, destination.id).failed[message.id];
          if (known && known.again === undefined && known.retrying === retrying) return [];
          // What a person has tried again has been told of: only how it ends is news.
          if (known?.again !== undefined && retrying) return [];
          const data = { ...about(message), code, summary, hint, retrying };
          return [{ key: keyOf(message.id, `failed/${state.version}`), kind: "delivery.failed", actor, data }];
        },
        { fence },
      );
    },

    async skipped(message: Message, reason: string): Promise<void> {
      await journal.commit(
        (state) => {
          if (deliveryOf(state, destination.id).skipped.includes(message.id)) return [];
          const data = { ...about(message), reason };
          return [{ key: keyOf(message.id, "skipped"), kind: "delivery.skipped", actor, data }];
        },
        { fence },
      );
    },
  };
}
