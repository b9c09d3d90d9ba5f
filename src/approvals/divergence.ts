import { divergenceText, isEmpty } from "../events/divergence-text.ts";
import type { RecoveryAction } from "../ports.ts";
import type { AppState, DivergenceState } from "../state.ts";
import type { Acceptance, Envelope, EnvelopeChange } from "./events.ts";
import { promotedStores, type Subject } from "./subject.ts";

type Actions = ReadonlyMap<string, RecoveryAction>;

/** What is known of that which only the copy in the region that is gone home to held when it came back. */
function known(state: AppState, store: string, target: string): DivergenceState | undefined {
  return state.divergences[`${store}/${target}`];
}

/** Which comparison people are shown, by its event; null where there is none. */
export function shownDivergences(state: AppState, subject: Subject, actions: Actions): Record<string, number | null> {
  const stores = promotedStores(state, subject, actions).map(({ store }) => store);
  return Object.fromEntries(stores.map((store) => [store, known(state, store, subject.target)?.seq ?? null]));
}

/** A failback gives up what only home held: nothing, or what people accept by name; what nobody compared is unknown. */
export function divergenceAcceptances(state: AppState, subject: Subject, actions: Actions): Acceptance[] {
  const { runbook, target } = subject;
  if (runbook.kind !== "failback") return [];
  return promotedStores(state, subject, actions).flatMap(({ store }): Acceptance[] => {
    const report = known(state, store, target);
    if (report && isEmpty(report.found)) return [];
    const text = report
      ? `The copy of "${store}" in ${target} held what is not in ${report.against} (compared in ${report.runId}, see divergence-${report.runId}.md): ${divergenceText(report.found)}. Home will serve without it.`
      : `What only the copy of "${store}" in ${target} held when it came back was not compared, so nobody knows what home will serve without.`;
    return [{ id: `divergence:${store}`, text }];
  });
}

/** A comparison that people were not shown, and that found something. */
export function divergenceChanges(
  { divergence = {}, target }: Pick<Envelope, "divergence" | "target">,
  state: AppState,
): EnvelopeChange[] {
  return Object.entries(divergence).flatMap(([store, shown]): EnvelopeChange[] => {
    const now = known(state, store, target);
    if (!now || now.seq === shown || isEmpty(now.found)) return [];
    const old = shown === null ? "not compared" : `as compared at #${shown}`;
    return [{ what: `divergence of ${store}`, old, new: divergenceText(now.found) }];
  });
}
