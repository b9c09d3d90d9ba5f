import type { Journal } from "../journal/journal.ts";
import type { Plan } from "./plan.ts";

/** Journals the plan that the server works with, when it is another one than before. */
export async function adoptPlan(journal: Journal, plan: Plan): Promise<void> {
  await journal.commit((state) =>
    state.planDigest === plan.digest
      ? []
      : [{ key: `plan/${state.version}/${plan.digest}`, kind: "plan.adopted", actor: "system:server", data: { plan } }],
  );
}
