import type { DeliveryView } from "../deliveries/delivery-view.ts";
import { capital, clause, count, instant } from "../format.ts";
import type { OfferedButton } from "./buttons.ts";

/** One line for each destination, and one for each thing that does not reach it. */
export function deliveryLines(deliveries: readonly DeliveryView[], at: string): string[] {
  return deliveries.flatMap(({ name, pending, pendingCount, sent, failed }) => {
    const [latest] = sent;
    const [first] = pending;
    const told = latest ? `last told ${instant(latest.at, at)}: ${clause(latest.what)}` : "nothing told yet";
    const waits = first ? `; ${count(pendingCount, "message")} waiting since ${instant(first.at, at)}` : "";
    const problems = failed.map(
      ({ what, summary, retrying }) =>
        `${capital(name)} was not told: ${clause(what)}. ${retrying ? "Being tried" : "Given up"}: ${summary}`,
    );
    return [`${capital(name)}: ${told}${waits}.`, ...problems];
  });
}

export function isTroubled({ failed }: DeliveryView): boolean {
  return failed.length > 0;
}

export function retryButtons(deliveries: readonly DeliveryView[]): OfferedButton[] {
  return deliveries
    .filter(({ failed }) => failed.some(({ retrying }) => !retrying))
    .map(({ destination, name }) => ({
      label: `Try ${name} again`,
      style: "default",
      command: "comms retry",
      input: { destination },
      role: "operator",
    }));
}
