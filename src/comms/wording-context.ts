import type { CheckContext } from "../assistant/fault.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState } from "../state.ts";

/** What no text for the public may name: people, and things as they are called inside. Pure. */
export function wordingContext(
  plan: Plan,
  state: AppState,
  people: readonly { id: string; name: string }[],
): Pick<CheckContext, "names" | "people"> {
  return { names: internalNames(plan, state), people: people.flatMap(({ id, name }) => [id, name]) };
}

/** Unless the public knows them by that name. */
function internalNames(plan: Plan, state: AppState): string[] {
  const { regions = {}, components = {} } = plan.communication ?? {};
  const known = new Set([...Object.values(regions), ...Object.values(components)].map(({ name }) => name));
  const names = [
    ...Object.values(plan.regions).flatMap(({ code, name }) => [code, name]),
    ...Object.keys(plan.services),
    ...Object.keys(plan.stores),
    ...Object.keys(plan.runbooks),
    ...Object.keys(state.incidents),
    ...Object.keys(state.runs),
    plan.application,
  ];
  return [...new Set(names)].filter((name) => name.length > 2 && !known.has(name));
}

/** Regions whose endpoints are asked last. Pure. */
export function failingRegions(state: Pick<AppState, "regions">): string[] {
  return Object.values(state.regions).flatMap(({ code, verdict }) => (verdict === "down" ? [code] : []));
}
