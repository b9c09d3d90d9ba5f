import { z } from "zod";
import { Duration } from "../../src/plans/duration.ts";
import { defineAction, type RecoveryAction } from "../../src/ports.ts";
import { limitsOf, pause } from "../looking.ts";
import { HttpUrl, lookAtHealth } from "./health.ts";

const Input = z.strictObject({
  url: HttpUrl.describe("Address that answers 2xx while it is healthy"),
  consecutive: z.number().int().min(1).max(20).default(3).describe("Good answers in a row that are enough"),
  every: Duration.default(1_000).describe("Time between two looks"),
});
type Input = z.infer<typeof Input>;

interface Seen {
  good: number;
  /** The last answer in words. */
  detail: string;
}

/** A check writes nothing, so there is no apply: the core looks again until it is so, or the step's time is over. */
export function createExpectHealthy(): RecoveryAction {
  return defineAction<Input, Seen>({
    id: "http.expect-healthy",
    summary: "The address answers well, several times in a row",
    input: Input,
    effect: "check",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    expectedMs: ({ consecutive, every }) => consecutive * every,
    manual: ({ url, consecutive }) => ({
      run: [],
      check: [`curl --fail --silent --show-error --max-time 5 ${url}`],
      expect: `a good answer, ${consecutive} times in a row`,
    }),
    async assess({ url, consecutive, every }, context) {
      let good = 0;
      for (;;) {
        const { ok, degraded, detail } = await lookAtHealth(url, limitsOf(context));
        if (context.signal.aborted)
          return { state: "unknown", reason: "the look was stopped before there was an answer" };
        // No answer is a finding here, not a gap: an address that does not answer is not healthy.
        if (!ok || degraded) return { state: "away", seen: { good, detail } };
        good += 1;
        if (good >= consecutive) return { state: "reached", seen: { good, detail } };
        await pause(every, context.signal).catch(() => {});
      }
    },
  });
}
