import { simulate } from "./simulate.ts";
import { totalOf } from "./totals.ts";

/** One of the processes that share the seeds out among them: is given some, and says what came of them. */
process.on("message", async (seeds: number[]) => {
  const total = totalOf();
  for (const seed of seeds) total.add(await simulate(seed));
  process.send?.(total.totals);
});
