import { setTimeout as sleep } from "node:timers/promises";
import { knownState } from "../commands/known-state.ts";
import type { Core } from "../core.ts";

/** Whoever asks whether an instance is ready gives up soon; a store that takes longer is not ready for anybody. */
const PATIENCE_MS = 2_000;

/** Ready is who can see what stands and write to it. Says who else is there, and since when the store is not. */
export async function readiness(core: Core): Promise<{ ready: boolean } & Record<string, unknown>> {
  const { instance } = await within(core.instances(), { instance: "" });
  const known = await within(knownState(core), undefined);
  if (!known) return { ready: false, instance, store: { state: "slow", patienceMs: PATIENCE_MS } };
  const { state, store, instances } = known;
  return { ready: store.state === "available", seq: state.seq, instance, store, instances };
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
