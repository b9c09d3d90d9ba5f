import { z } from "zod";
import { AppError } from "../errors.ts";
import { type DomainEvent, eventSchemas, isKnownKind } from "../events.ts";
import type { StoredEvent } from "../journal/store.ts";
import { upcastEvent } from "../journal/upcast.ts";

/** What every event has around its data. */
const Frame = z.object({
  at: z.iso.datetime(),
  instance: z.string(),
  actor: z.string().min(1).max(200),
  kind: z.string().min(1),
});

/**
 * The events of somebody's file as ours: a chain holds for whatever was chained. Each that Muster knows has the form
 * that it writes. Throws AppError `bad-input` that names the first one that has not.
 */
export function readEvents(stored: readonly StoredEvent[]): DomainEvent[] {
  return stored.map((one) => {
    const event = upcastEvent(one);
    const { kind, data, seq } = event;
    const frame = Frame.safeParse(event);
    const problem = frame.error ?? (isKnownKind(kind) ? eventSchemas[kind].safeParse(data).error : undefined);
    if (!problem) return event as DomainEvent;
    const places = problem.issues.slice(0, 3).map(({ path, message }) => `${path.join(".") || "data"}: ${message}`);
    throw new AppError({
      code: "bad-input",
      summary: `Its event ${seq} is not one that Muster writes (${places.join("; ").slice(0, 200)}).`,
      hint: "Nothing was imported. Use the file that `dr run --offline` named at its end, unchanged.",
    });
  });
}
