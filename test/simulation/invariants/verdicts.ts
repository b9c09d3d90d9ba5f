import type { DomainEvent } from "../../../src/events.ts";
import { EPOCH_MS, type Process } from "../schedule.ts";
import type { World } from "../world.ts";

/** Every failure that a verdict rests on was one of the region, or of the way to it: never one of the observer. */
export function verdictViolation(owner: Process, event: DomainEvent, { misses }: World): string | undefined {
  if (event.kind !== "verdict.changed" || event.data.to !== "down") return undefined;
  const { region, since, evidence } = event.data;
  const sinceMs = Date.parse(since) - EPOCH_MS;
  const counted = evidence.reduce((sum, { failures }) => sum + failures, 0);
  const real = misses.filter((one) => one.region === region && one.by === owner && one.askedMs >= sinceMs).length;
  if (counted <= real) return undefined;
  return `${region} is called down for ${counted} failures, of which ${counted - real} were ${owner.name}'s own`;
}
