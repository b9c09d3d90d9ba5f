import { pause } from "./people.ts";
import type { PromiseCheck } from "./promises.ts";

const PATIENCE_MS = 20_000;
const POLL_MS = 200;

/** What others are told takes its time to reach them: looks again until it is kept, and gives the last look. */
export async function lookUntilKept(
  look: () => PromiseCheck | Promise<PromiseCheck>,
  withinMs = PATIENCE_MS,
): Promise<PromiseCheck> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found.kept || performance.now() > deadline) return found;
    await pause(POLL_MS);
  }
}
