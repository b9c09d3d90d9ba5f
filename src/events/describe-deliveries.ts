import type { deliveryEvents } from "../deliveries/events.ts";
import { actorName, clause, count, elapsed, instant, sentence } from "../format.ts";
import type { Describers } from "./describe.ts";

export const describeDeliveries: Describers<keyof typeof deliveryEvents> = {
  "delivery.sent": ({ data: { destination, what, happenedAt, late, covers }, at }) => {
    const many = covers ? ` (${count(covers.length, "message")} in one)` : "";
    const after = late ? `, ${elapsed(happenedAt, at)} late: it happened at ${instant(happenedAt, at)}` : "";
    return `Delivered to ${destination}: ${clause(what)}${many}${after}.`;
  },
  "delivery.failed": ({ data: { destination, what, code, summary, retrying } }) =>
    `Not delivered to ${destination}: ${clause(what)} (${code}: ${clause(summary)}). ${retrying ? "It goes on being tried." : "It is not tried again by itself."}`,
  "delivery.skipped": ({ data: { destination, what, reason } }) =>
    `Not told to ${destination} any more: ${clause(what)}. ${sentence(reason)}`,
  "delivery.retried": ({ data: { destination, what }, actor }) =>
    `${actorName(actor)} has it tried again at ${destination}: ${clause(what)}.`,
};
