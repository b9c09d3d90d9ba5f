import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { placementFindings } from "./decide-placement.ts";
import type { InstanceView } from "./views.ts";

export interface PlacementOptions {
  plan: Plan;
  journal: Journal;
  store: Pick<JournalStore, "describe">;
  clock: Clock;
  storePlaces: readonly string[];
  instances(): Promise<InstanceView[]>;
}

const LOOK_EVERY_MS = 30_000;
/** Until the first heartbeat nobody is known. */
const FIRST_LOOK_MS = 500;

/** Journals what would go down together with what is protected, whenever that changes. */
export function createPlacement({ plan, journal, store, clock, storePlaces, instances }: PlacementOptions) {
  async function look(fence: WorkerContext["fence"]): Promise<boolean> {
    const known = await instances();
    const description = await store.describe?.();
    if (!known.some(({ alive }) => alive) || !description) return false;
    const regions = Object.keys(plan.regions);
    const findings = placementFindings({ regions, instances: known, store: description, storePlaces });
    await journal.commit(
      (state) => {
        if (state.placement && same(state.placement.findings, findings)) return [];
        const key = `placement/${state.version}`;
        return [{ key, kind: "placement.changed", actor: "system:placement", data: { findings } }];
      },
      { fence },
    );
    return true;
  }

  return {
    async work({ fence, signal }: WorkerContext): Promise<void> {
      while (!signal.aborted) {
        const looked = await look(fence);
        await clock.sleep(looked ? LOOK_EVERY_MS : FIRST_LOOK_MS, signal).catch(() => {});
      }
    },
  };
}

function same(one: object[], other: object[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
