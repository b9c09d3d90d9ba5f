import type { Caller } from "../core.ts";
import { elapsed, instant, sentence } from "../format.ts";
import { runTitle } from "../runs/summary-view.ts";
import type { LockState, RunState } from "../state.ts";
import { offered } from "./buttons.ts";
import type { Card } from "./card.ts";
import { lockText } from "./override.ts";

export interface LockView {
  lock?: LockState;
  /** The one that was just lifted. */
  lifted?: LockState;
  /** Runs in flight, which a lock does not stop. */
  runs: RunState[];
  at: string;
}

export function lockCard({ lock, lifted, runs, at }: LockView, caller?: Caller): Card {
  const title = lock ? "The application is locked" : "The application is not locked";
  const going = runs.map(
    (run) => `${run.runId} (${runTitle(run)}, ${run.phase}) is in flight and goes on; to stop it: abort ${run.runId}.`,
  );
  return {
    title,
    status: lock ? "warning" : "ok",
    text: lock
      ? [
          lockText(lock, at),
          ...going,
          "A region that comes back as a writing primary is still fenced and made a follower. In an emergency a commander may add --override-lock to failover or failback.",
        ]
      : lifted
        ? [
            `${lifted.lockId} (${sentence(lifted.reason)}) is lifted after ${elapsed(lifted.since, at)}; new runs may be proposed.`,
          ]
        : [],
    buttons: lock
      ? offered(caller, [{ label: "Unlock", style: "default", command: "unlock", input: {}, role: "operator" }])
      : [],
    context: [`as of ${instant(at)}`],
    fallback: lock ? lockText(lock, at) : title,
  };
}
