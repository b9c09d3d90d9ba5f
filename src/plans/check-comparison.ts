import type { Registry } from "../ports.ts";
import type { Draft, DraftRunbook, DraftStep } from "./draft.ts";
import type { Finding } from "./problem.ts";
import { isGroup } from "./vars.ts";

/**
 * A failback gives up what only home held when it came back. Where there is an action that can compare the copies, a
 * plan that brings a store home must use it, or nobody ever knows what was given up.
 */
export function comparisonFindings(draft: Draft, registry: Registry): Finding[] {
  const failbacks = draft.runbooks.filter(({ kind }) => kind === "failback");
  return failbacks.flatMap((failback) => failback.steps.flatMap((step) => findingOf(step, failback, draft, registry)));
}

function findingOf(step: DraftStep, failback: DraftRunbook, draft: Draft, registry: Registry): Finding[] {
  const store = storeOf(step);
  const kind = store === undefined ? undefined : draft.stores[store]?.kind;
  if (registry.actions.get(step.uses ?? "")?.effect !== "promotion" || kind === undefined) return [];
  const able = [...registry.actions.values()]
    .filter(({ compares }) => compares?.storeKind === kind)
    .map(({ id }) => id);
  if (able.length === 0) return [];
  const books = [failback, ...draft.runbooks.filter(({ trigger }) => trigger === "region-returned")];
  const compared = books.some(({ steps }) =>
    steps.some((other) => able.includes(other.uses ?? "") && storeOf(other) === store),
  );
  if (compared) return [];
  const message = `${step.id ?? step.uses} brings ${store} home, and what only home's copy holds is never compared`;
  const hint = `Let the runbook with trigger: region-returned use ${able.join(" or ")} for ${store} before it makes that copy a follower, which forgets it.`;
  return [{ path: step.path, message, hint }];
}

function storeOf({ with: input }: DraftStep): string | undefined {
  return isGroup(input) && typeof input.store === "string" ? input.store : undefined;
}
