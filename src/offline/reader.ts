import type { Logger } from "pino";
import { systemClock } from "../clock.ts";
import type { Core } from "../core.ts";
import { createCore } from "../create-core.ts";
import { AppError } from "../errors.ts";
import type { JournalStore } from "../journal/store.ts";
import { Plan } from "../plans/plan.ts";

type Reader = Pick<JournalStore, "read" | "findByKey" | "head" | "close">;

const BATCH = 1_000;

/** A core over a journal that nobody serves: everything can be read, and nothing can be written. */
export async function openOffline(reader: Reader, logger: Logger): Promise<{ core: Core; close(): Promise<void> }> {
  const plan = await lastPlan(reader);
  const refuse = async (): Promise<never> => {
    throw new AppError({
      code: "store-unavailable",
      summary: "The journal is open for reading only.",
      hint: "Start the server for anything else.",
    });
  };
  const store: JournalStore = {
    ...reader,
    append: refuse,
    acquireLease: refuse,
    releaseLease: refuse,
    setRecord: refuse,
    deleteRecord: refuse,
    getRecord: async () => undefined,
    leases: async () => [],
    subscribe: () => () => {},
  };
  const registry = { actions: new Map(), probes: new Map(), replication: new Map(), traffic: new Map() };
  const { core } = createCore({
    plan,
    registry,
    store,
    instance: "offline",
    clock: systemClock,
    logger,
    leaseMs: 10_000,
    requestTimeoutMs: 1_000,
    reportsDirectory: "reports",
  });
  return { core, close: () => reader.close() };
}

/** What the last server worked with; without it nobody knows which regions there are. */
async function lastPlan(reader: Reader): Promise<Plan> {
  let plan: unknown;
  for (let after = 0; ; ) {
    const events = await reader.read({ after, limit: BATCH });
    for (const { kind, data } of events) if (kind === "plan.adopted") plan = (data as { plan: unknown }).plan;
    const last = events.at(-1);
    if (!last) break;
    after = last.seq;
  }
  if (plan !== undefined) return Plan.parse(plan);
  throw new AppError({
    code: "not-found",
    summary: "The journal names no plan: no server has worked with it yet.",
    hint: "Start one with `npm start`.",
  });
}
