import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import type { Plan } from "./plan.ts";

/** Journals the plan that the server works with, when it is another one than before. Throws AppError. */
export async function adoptPlan(journal: Journal, plan: Plan): Promise<void> {
  await journal.commit(({ planDigest, active, version }) => {
    if (planDigest === plan.digest) return [];
    if (planDigest !== undefined && !plan.regions[active]) throw leftOut(plan, active);
    const key = `plan/${version}/${plan.digest}`;
    return [{ key, kind: "plan.adopted", actor: "system:server", data: { plan } }];
  });
}

function leftOut({ application, regions }: Plan, active: string): AppError {
  return new AppError({
    code: "config-invalid",
    summary: `The plan of ${application} has no region ${active}, which serves the traffic now.`,
    hint: `Put it back; take it out when another region serves: "failover <region>". The plan has ${Object.keys(regions).join(", ")}.`,
  });
}

const RETRY_MS = 1_000;

/** Adopts; while the store waits for a person to accept what it lost, as soon as that is done. */
export async function inTime(adopt: () => Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await adopt();
  } catch (error) {
    if (!(error instanceof AppError && error.code === "store-diverged")) throw error;
    void adoptLater();
  }

  async function adoptLater(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(RETRY_MS, signal).catch(() => {});
      const done = await adopt().then(
        () => true,
        () => false,
      );
      if (done) return;
    }
  }
}
