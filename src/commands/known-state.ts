import type { Core } from "../core.ts";
import { AppError } from "../errors.ts";
import type { InstanceView, StoreStatus } from "../instances/views.ts";
import type { AppState } from "../state.ts";

export interface KnownState {
  state: AppState;
  /** When it is not available, the state is what was known last. */
  store: StoreStatus;
  instances: InstanceView[];
}

/** The state, or the last one that was known with the reason why it is no newer. Throws for nothing else. */
export async function knownState(core: Core): Promise<KnownState> {
  const { instances } = await core.instances();
  // A store that is known to be away is not waited for: whoever asks at such a moment needs an answer.
  if (core.store.status().state === "available") {
    try {
      return { state: await core.state(), store: { state: "available" }, instances };
    } catch (error) {
      if (core.store.status().state === "available" || !(error instanceof AppError)) throw error;
    }
  }
  return { state: core.store.lastKnown(), store: core.store.status(), instances };
}
