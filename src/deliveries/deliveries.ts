import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { AppState } from "../state.ts";
import { type DeliveryView, deliveryView } from "./delivery-view.ts";
import { deliveryOf } from "./fold.ts";
import type { Destination } from "./port.ts";
import { createQueue } from "./queue.ts";

interface DeliveriesOptions {
  destinations: readonly Destination[];
  journal: Journal;
  store: Pick<JournalStore, "getRecord" | "setRecord">;
}

/** What people see of deliveries, and what they may do about them. */
export function createDeliveries({ destinations, journal, store }: DeliveriesOptions) {
  return {
    async views(state: AppState): Promise<DeliveryView[]> {
      return await Promise.all(
        destinations.map(async (destination) => {
          const pending = await createQueue({ destination, journal, store }).pending(state);
          return deliveryView(destination, deliveryOf(state, destination.id), pending);
        }),
      );
    },

    /** Has what was given up tried again: of one destination, or of all. Throws `wrong-state` when there is nothing. */
    async retry(destination: string | undefined, caller: Caller): Promise<void> {
      const known = destinations.map(({ id }) => id);
      if (destination !== undefined && !known.includes(destination)) throw unknown(destination, known);
      await journal.commit((state) => {
        const events = Object.entries(state.deliveries).flatMap(([id, { failed }]): NewDomainEvent[] => {
          if (!known.includes(id) || (destination !== undefined && id !== destination)) return [];
          const givenUp = Object.values(failed).filter(({ retrying }) => !retrying);
          return givenUp.map(({ messageId, what }) => ({
            key: `delivery/${id}/${messageId}/retried/${state.version}`,
            kind: "delivery.retried",
            actor: caller.principal,
            data: { destination: id, messageId, what },
          }));
        });
        if (events.length === 0) throw nothing();
        return events;
      });
    },
  };
}

export type Deliveries = ReturnType<typeof createDeliveries>;

function unknown(destination: string, known: string[]): AppError {
  return new AppError({
    code: "bad-input",
    summary: `Nothing is delivered to "${destination}".`,
    hint: known.length > 0 ? `There is ${known.join(", ")}.` : "No pager, mailbox or webhook is connected.",
  });
}

function nothing(): AppError {
  return new AppError({
    code: "wrong-state",
    summary: "Nothing was given up: there is nothing to try again.",
    hint: 'What waits is tried by itself; see "comms".',
  });
}
