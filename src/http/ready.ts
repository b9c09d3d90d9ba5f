import { setTimeout as sleep } from "node:timers/promises";
import { knownState } from "../commands/known-state.ts";
import type { Core } from "../core.ts";
import type { ErrorCode } from "../errors.ts";

/** Whoever asks whether an instance is ready gives up soon; a store that takes longer is not ready for anybody. */
const PATIENCE_MS = 2_000;

export type Readiness = { ready: true } | { ready: false; reason: NotReady };
/** One word, for whoever looks at a load balancer; `status` says the rest to those who may know. */
type NotReady = "store-slow" | "store-unavailable" | "store-diverged" | ErrorCode;

/**
 * Ready is who can see what stands and write to it. Anybody who reaches the port may ask, so it names nothing and
 * nobody: no instance, no address, no error's text.
 */
export async function readiness(core: Core): Promise<Readiness> {
  const known = await within(knownState(core), undefined);
  if (!known) return { ready: false, reason: "store-slow" };
  const { state } = known.store;
  return state === "available" ? { ready: true } : { ready: false, reason: `store-${state}` };
}

async function within<T, Otherwise>(answer: Promise<T>, otherwise: Otherwise): Promise<T | Otherwise> {
  const over = new AbortController();
  answer.catch(() => {});
  try {
    return await Promise.race([answer, sleep(PATIENCE_MS, otherwise, { signal: over.signal, ref: false })]);
  } finally {
    over.abort();
  }
}
