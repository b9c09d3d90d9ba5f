import { own } from "../own.ts";
import type { AppState, RunState } from "../state.ts";

/** The state with one run changed; an event of a run that there is not changes nothing. */
export function withRun(state: AppState, runId: string, change: (old: RunState) => RunState): AppState {
  const old = own(state.runs, runId);
  return old ? { ...state, runs: { ...state.runs, [runId]: change(old) } } : state;
}
