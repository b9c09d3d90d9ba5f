import type { StoredEvent } from "./store.ts";

/** Takes the data of an older form of a kind, however old, to the present kind and form. Pure. */
export type Upcaster = (data: unknown) => { kind: string; data: unknown };

/** By the kind that stands in the journal. Kinds change by addition where possible; this is for the rest. */
const upcasters: ReadonlyMap<string, Upcaster> = new Map();

/** The event in its present form. Text and hash stay those of what was written. */
export function upcastEvent(event: StoredEvent, table: ReadonlyMap<string, Upcaster> = upcasters): StoredEvent {
  const upcaster = table.get(event.kind);
  return upcaster === undefined ? event : { ...event, ...upcaster(event.data) };
}
