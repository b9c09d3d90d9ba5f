import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Core } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Divergence } from "../journal/history.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { createDivergenceKeeper } from "./divergence.ts";
import { createPresence } from "./presence.ts";
import { watchStore } from "./store-watch.ts";
import { createTailFile } from "./tail-file.ts";
import type { StoreStatus } from "./views.ts";

export interface InstancesOptions {
  store: JournalStore;
  application: string;
  instance: string;
  clock: Clock;
  logger: Logger;
  leaseMs: number;
  /** Where this machine remembers what it last saw standing; nowhere for a store that is on this machine itself. */
  tailPath?: string;
}

export interface Instances {
  /** The store, watched: whoever uses this one learns since when it has been away. */
  store: JournalStore;
  /** What this start's leases are held under: who comes back under the same name is not the holder that was. */
  holder: string;
  onDivergence(found: Divergence, there: () => Promise<AppState>): Promise<boolean>;
  isHalted(): Promise<boolean>;
  /** The rest needs a journal, which needs the store. */
  attach(journal: Journal): {
    core: Pick<Core, "instances" | "store">;
    /** Compares what this machine knew with the store: before anything is written to it. */
    compare(): Promise<void>;
    /** Shows itself to the others from now on. */
    start(about: { url: string; version: string; place?: string }): void;
    stop(): Promise<void>;
  };
}

/** Several processes on one store: who there is, whether the store answers, and whether it is the one that was. */
export function createInstances(options: InstancesOptions): Instances {
  const { application, instance, clock, logger, leaseMs, tailPath } = options;
  const { store, health } = watchStore(options.store, clock);
  const holder = `${instance}#${randomUUID().slice(0, 8)}`;
  let attached: Journal | undefined;
  const journal = () => {
    if (!attached) throw new Error("instances are not attached to a journal");
    return attached;
  };
  const keeper = createDivergenceKeeper({ store, application, instance, logger, journal });

  function status(): StoreStatus {
    const asOf = new Date(journal().known().at).toISOString();
    const divergence = journal().divergence();
    const outage = health.outage();
    if (outage) {
      return { state: "unavailable", since: new Date(outage.since).toISOString(), error: outage.error, asOf };
    }
    return divergence ? { state: "diverged", divergence, asOf } : { state: "available" };
  }

  return {
    store,
    holder,
    onDivergence: keeper.onDivergence,
    isHalted: keeper.isHalted,
    attach(made) {
      attached = made;
      const tailFile = tailPath === undefined ? undefined : createTailFile(tailPath, made, store, logger);
      const presence = createPresence({ store, clock, logger, instance, holder, leaseMs, onBeat: beat });
      let unsubscribe = () => {};

      /** What this instance knows stays current, so that it has something to compare and something to show. */
      async function beat(): Promise<void> {
        await keeper.look();
        await unlessDiverged(async () => {
          await made.load();
          await made.compare();
          await tailFile?.save();
        });
      }

      return {
        core: {
          instances: async () => ({ instance, holder, ...(await presence.read()) }),
          store: { status, lastKnown: () => made.known().state, acceptHead: (...given) => keeper.accept(...given) },
        },
        compare: () =>
          unlessDiverged(async () => {
            await keeper.look();
            await tailFile?.compare();
          }),
        start(about) {
          presence.start(about);
          unsubscribe = made.subscribe(() => void made.load().catch(() => {}));
        },
        async stop() {
          unsubscribe();
          await presence.stop();
          await unlessDiverged(async () => tailFile?.save()).catch(() => {});
        },
      };
    },
  };
}

/** It has been told and put on record; there is nothing to compare until it is over. */
async function unlessDiverged(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError && error.code === "store-diverged")) throw error;
  }
}
