import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { count, duration, percent } from "../../src/format.ts";
import { Duration } from "../../src/plans/duration.ts";
import { type Assessment, defineAction, type RecoveryAction } from "../../src/ports.ts";
import { describeNoAnswer, get } from "../http/get.ts";
import { HttpUrl } from "../http/health.ts";
import { type Limits, limitsOf } from "../looking.ts";

const Input = z.strictObject({
  for: Duration.describe("How long to watch"),
  statsUrl: HttpUrl.describe("Address that answers { windowSeconds, requests, errors } about the latest `?seconds=`"),
  maxErrorRate: z.number().min(0).max(1).describe("Share of failed requests, 0 to 1, above which the step fails"),
  minRequests: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe("Requests in the window without which the rate says nothing"),
});
type Input = z.infer<typeof Input>;

const Stats = z.object({
  windowSeconds: z.number().positive(),
  requests: z.number().int().min(0),
  errors: z.number().int().min(0),
});
type Stats = z.infer<typeof Stats>;

/** Asked for at most: an error that stops should stop counting. */
const LONGEST_WINDOW_SECONDS = 60;

interface Seen {
  elapsedMs: number;
  stats?: Stats;
}

/** Watches the errors for a while. It is over at a moment counted from the step's start, also after a restart. */
export function createBake(): RecoveryAction {
  return defineAction<Input, Seen>({
    id: "wait.bake",
    summary: "The error rate stayed below the maximum for the given time",
    input: Input,
    effect: "wait",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    expectedMs: (input) => input.for,
    manual: (input) => ({
      run: [],
      check: [`curl --fail --silent --max-time 5 "${input.statsUrl}?seconds=${LONGEST_WINDOW_SECONDS}"`],
      expect: `for ${duration(input.for)}: errors below ${percent(input.maxErrorRate)} of at least ${count(input.minRequests, "request")}`,
    }),
    async assess(input, context) {
      // Before the run there is nothing to watch and nothing that could stand in the way.
      if (context.startedAt === undefined) return { state: "away", seen: { elapsedMs: 0 } };
      const elapsedMs = context.now() - Date.parse(context.startedAt);
      const stats = await readStats(input.statsUrl, elapsedMs, limitsOf(context));
      if (typeof stats === "string") return { state: "unknown", reason: stats };
      return judge(input, { elapsedMs, stats });
    },
  });
}

function judge(input: Input, seen: Seen & { stats: Stats }): Assessment<Seen> {
  const { requests, errors, windowSeconds } = seen.stats;
  // What failed before this stage began says nothing about it: the switch itself may have cost some requests.
  const within = windowSeconds * 1000 <= seen.elapsedMs;
  const enough = within && requests > 0 && requests >= input.minRequests;
  if (enough && errors / requests > input.maxErrorRate) throw tooManyErrors(input, seen.stats);
  const leftSeconds = Math.ceil((input.for - seen.elapsedMs) / 1000);
  if (leftSeconds > 0)
    return { state: "moving", seen, progress: `${leftSeconds} s left, ${errors} of ${requests} failed` };
  if (requests >= input.minRequests && within) return { state: "reached", seen };
  // A stage without traffic proves nothing, so it does not end by itself.
  if (!within)
    return { state: "moving", seen, progress: `the statistics still cover ${windowSeconds} s, more than this stage` };
  const progress = `only ${requests} requests in the last ${windowSeconds} s, ${input.minRequests} are needed`;
  return { state: "moving", seen, progress };
}

/** The statistics, or why they could not be read. */
async function readStats(statsUrl: string, elapsedMs: number, limits: Limits): Promise<Stats | string> {
  const url = new URL(statsUrl);
  url.searchParams.set("seconds", String(Math.min(LONGEST_WINDOW_SECONDS, Math.max(1, Math.floor(elapsedMs / 1000)))));
  try {
    const { status, body } = await get(url.href, limits);
    if (status !== 200) return `the statistics at ${url.host} answer HTTP ${status}`;
    const stats = Stats.safeParse(JSON.parse(body));
    return stats.data ?? `the statistics at ${url.host} have an unexpected form`;
  } catch (error) {
    if (error instanceof SyntaxError) return `the statistics at ${url.host} are not JSON`;
    return `the statistics at ${url.host} cannot be read: ${describeNoAnswer(error)}`;
  }
}

function tooManyErrors({ maxErrorRate, statsUrl }: Input, { requests, errors, windowSeconds }: Stats): AppError {
  const percent = (rate: number) => `${Math.round(rate * 1000) / 10} %`;
  const rate = percent(errors / requests);
  return new AppError({
    code: "error-rate",
    summary: `${rate} of the requests failed (${errors} of ${requests} in ${windowSeconds} s at ${new URL(statsUrl).host}), more than the ${percent(maxErrorRate)} allowed.`,
    hint: "Look at what fails there before you retry this step; aborting leaves the traffic as it is now.",
  });
}
