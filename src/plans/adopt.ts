import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import type { Plan } from "./plan.ts";

/** Journals the plan that the server works with, when it is another one than before. */
export async function adoptPlan(journal: Journal, plan: Plan): Promise<void> {
  await journal.commit((state) =>
    state.planDigest === plan.digest
      ? []
      : [{ key: `plan/${state.version}/${plan.digest}`, kind: "plan.adopted", actor: "system:server", data: { plan } }],
  );
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
