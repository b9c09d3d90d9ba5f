import type { DomainEvent } from "../events.ts";

/**
 * What leaves the process as JSON. A run pins its whole resolved plan, which would drown every answer in
 * kilobytes of settings: outside, its digest says which plan it was.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, dropPlans, indent) ?? "null";
}

function dropPlans(key: string, value: unknown): unknown {
  if (key !== "plan" || typeof value !== "object" || value === null || !("digest" in value)) return value;
  return { digest: value.digest };
}

export type WireEvent = Omit<DomainEvent, "text">;

/** An event without the stored text, which repeats the whole of it; the audit reads that from the store. */
export function wireEvent({ text: _, ...event }: DomainEvent): WireEvent {
  return event;
}
