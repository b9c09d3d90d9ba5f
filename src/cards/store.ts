import { elapsed, instant, list } from "../format.ts";
import type { PlacementFinding } from "../instances/events.ts";
import type { InstanceView, StoreStatus } from "../instances/views.ts";
import type { Divergence } from "../journal/history.ts";
import type { Card } from "./card.ts";

/** What stands in the way of believing the rest of a page, in a few words; undefined when nothing does. */
export function storeHeadline(store: StoreStatus, at: string): string | undefined {
  if (store.state === "unavailable") return `store unavailable since ${instant(store.since, at)}`;
  if (store.state !== "diverged") return undefined;
  const { from, to } = store.divergence.lost;
  return `the store lost events ${from} to ${to}; nothing runs until a commander decides`;
}

/** The same with the age of what is shown, for a header. */
export function storeLine(store: StoreStatus, at: string): string | undefined {
  const headline = storeHeadline(store, at);
  if (headline === undefined || store.state === "available") return undefined;
  return `${headline}. Shown as known at ${instant(store.asOf, at)}, ${elapsed(store.asOf, at)} ago.`;
}

/** The same with what it means and what to do. */
export function storeText(store: StoreStatus, at: string): string | undefined {
  const headline = storeHeadline(store, at);
  if (headline === undefined || store.state === "available") return undefined;
  const shown = `What is shown was known at ${instant(store.asOf, at)}, ${elapsed(store.asOf, at)} ago.`;
  if (store.state === "unavailable")
    return `${headline} (${elapsed(store.since, at)}): ${store.error.summary} ${shown}`;
  return `${headline}: store accept --reason "…" goes on without them. ${lostText(store.divergence)} ${shown}`;
}

export function instanceText(one: InstanceView, at: string): string {
  const seen = one.alive ? `last heartbeat ${elapsed(one.seenAt, at)} ago` : `SILENT for ${elapsed(one.seenAt, at)}`;
  const parts = [
    seen,
    // Of a silent one "stands by" would promise a successor that is not there.
    one.leases.length > 0 ? `drives ${list(one.leases)}` : one.alive ? "stands by" : "drives nothing",
    `${one.url}, version ${one.version}, since ${instant(one.startedAt, at)}`,
    ...(one.place === undefined ? [] : [`in ${one.place}`]),
    ...(one.self ? ["answers here"] : []),
  ];
  return parts.join("; ");
}

export function placementFacts(findings: PlacementFinding[]): { label: string; value: string }[] {
  return findings.map(({ level, text }) => ({ label: `Placement: ${level}`, value: text }));
}

export function acceptedCard(found: Divergence, at: string): Card {
  const title = `Going on with the store as it is: events ${found.lost.from} to ${found.lost.to} are let go`;
  return {
    title,
    status: "warning",
    text: [
      lostText(found),
      "Steps whose intents were among them are assessed before anything is applied: what the world has already is not done again.",
    ],
    context: [`as of ${instant(at)}`],
    fallback: title,
  };
}

function lostText({ known, head, lost }: Divergence): string {
  const names = lost.keys.length > 0 ? ` Lost: ${list(lost.keys)}.` : "";
  return `Event ${known.seq} (${known.hash.slice(0, 12)}) stood; the store ended at event ${head.seq} (${head.hash.slice(0, 12)}).${names}`;
}
