import type { DeliveryState } from "./fold.ts";
import type { Destination, Message } from "./port.ts";

/** How one destination stands, for people. */
export interface DeliveryView {
  destination: string;
  name: string;
  /** What waits, oldest first; the first few of them. */
  pending: { what: string; at: string }[];
  pendingCount: number;
  /** The latest that arrived, newest first. */
  sent: { what: string; at: string; happenedAt: string }[];
  failed: { messageId: string; what: string; at: string; summary: string; hint: string; retrying: boolean }[];
}

const SHOWN = 5;

export function deliveryView(
  { id, name }: Pick<Destination, "id" | "name">,
  { sent, failed }: DeliveryState,
  pending: readonly Message[],
): DeliveryView {
  return {
    destination: id,
    name,
    pending: pending.slice(0, SHOWN).map(({ what, at }) => ({ what, at })),
    pendingCount: pending.length,
    sent: sent
      .slice(-SHOWN)
      .toReversed()
      .map(({ what, at, happenedAt }) => ({ what, at, happenedAt })),
    failed: Object.values(failed).map(({ messageId, what, at, summary, hint, retrying }) => {
      return { messageId, what, at, summary, hint, retrying };
    }),
  };
}
