import type { z } from "zod";
import { approvalEvents } from "./approvals/events.ts";
import { askEvents } from "./assistant/events.ts";
import { chatEvents } from "./chat/events.ts";
import { commsEvents } from "./comms/events.ts";
import { deliveryEvents } from "./deliveries/events.ts";
import { detectionEvents } from "./detection/events.ts";
import { incidentEvents } from "./incidents/events.ts";
import { instanceEvents } from "./instances/events.ts";
import type { NewEvent, StoredEvent } from "./journal/store.ts";
import { lockEvents } from "./locks/events.ts";
import { offlineEvents } from "./offline/events.ts";
import { pagerEvents } from "./pager/events.ts";
import { peopleEvents } from "./people/events.ts";
import { planEvents } from "./plans/events.ts";
import { reportEvents } from "./reports/events.ts";
import { runEvents } from "./runs/events.ts";
import { warRoomEvents } from "./war-room/events.ts";

/** Every kind of event there is, with the schema of its data. Kinds change by addition only. */
export const eventSchemas = {
  ...planEvents,
  ...incidentEvents,
  ...detectionEvents,
  ...runEvents,
  ...approvalEvents,
  ...lockEvents,
  ...peopleEvents,
  ...reportEvents,
  ...askEvents,
  ...chatEvents,
  ...commsEvents,
  ...deliveryEvents,
  ...warRoomEvents,
  ...pagerEvents,
  ...instanceEvents,
  ...offlineEvents,
};

export type EventKind = keyof typeof eventSchemas;
export type EventData<K extends EventKind> = z.infer<(typeof eventSchemas)[K]>;

/** An event of a known kind, as folds see it. */
export type DomainEvent = {
  [K in EventKind]: Omit<StoredEvent, "kind" | "data"> & { kind: K; data: EventData<K> };
}[EventKind];
export type NewDomainEvent = {
  [K in EventKind]: Omit<NewEvent, "kind" | "data"> & { kind: K; data: EventData<K> };
}[EventKind];

export function isKnownKind(kind: string): kind is EventKind {
  return Object.hasOwn(eventSchemas, kind);
}
