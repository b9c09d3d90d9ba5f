import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createPostgresHost, postgresInstalled, VOLATILE } from "../helpers/postgres.ts";
import type { Succession } from "./instances.ts";
import { enumeratePoints, planStories } from "./points.ts";
import { add, createSum, print, type Sum, type Told } from "./sum.ts";
import { type Outcome, type StoryOptions, tellStory } from "./tell.ts";

/**
 * `npm run test:crash`: the server is killed at the writes of a failover, a rejoin and a failback, one after the
 * other, and goes on; the world's own record is compared with that of a run in which nobody was killed.
 */
const SAMPLE: Record<Succession, number> = { restart: 6, takeover: 2, freeze: 2 };

const MAX_SHOWN = 40;

const { values } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    only: { type: "string" },
    stories: { type: "string" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    jobs: { type: "string", default: "2" },
    point: { type: "string", multiple: true },
  },
});
/** Another sample every day, the same for everybody. */
const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));

async function measure(succession: Succession, baseline: Outcome, stores: Stores): Promise<Sum> {
  const action = succession === "freeze" ? "stop" : "kill";
  const count = values.stories === undefined ? SAMPLE[succession] : Number(values.stories);
  const all = values.point
    ? [values.point]
    : planStories(enumeratePoints(baseline.events, action), values.all ? undefined : count, seed).stories;
  const left = all
    .map((failpoints, index) => ({ failpoints, name: `${succession} ${index + 1}/${all.length}` }))
    .slice(Number(values.from) - 1);
  const unmet = new Set(left.flatMap(({ failpoints }) => failpoints));
  const sum = createSum(succession, unmet.size);
  const jobs = Number(values.jobs);
  const tellAll = async (stories: Told[]) => {
    const waiting = [...stories];
    const tellOne = async (story: Told) => {
      sum.stories += 1;
      const options = { succession, failpoints: story.failpoints, expected: baseline.courses };
      const outcome = await tell(options, stores);
      for (const point of outcome.reached) unmet.delete(point);
      add(sum, outcome, baseline, story);
    };
    const tellNext = async () => {
      // A story that could not be told at all (a port was taken, say) must not end the others.
      for (let story = waiting.shift(); story; story = waiting.shift())
        await tellOne(story).catch((error: Error) => sum.problems.push(`${error.stack}`));
    };
    await Promise.all(Array.from({ length: jobs }, tellNext));
  };
  const began = performance.now();
  await tellAll(left);
  // Of several instances each has one point, and another may have led when its write came: alone it leads. A sample
  // comes back to as many points as it takes to prove something.
  const again = [...unmet].map((point, index) => {
    return { failpoints: [point], name: `${succession} again ${index + 1}/${unmet.size}` };
  });
  while (again.length > 0 && (values.all || !provesSomething(sum))) await tellAll(again.splice(0, jobs));
  sum.seconds = (performance.now() - began) / 1000;
  return sum;
}

/** A point that nobody comes to proves nothing; which ones differs a little from run to run. */
function provesSomething({ reached, points }: Sum): boolean {
  return reached >= points / 2;
}

type Stores = Awaited<ReturnType<typeof startStores>>;

/** One PostgreSQL for all stories, a database for each. */
async function startStores() {
  const host = createPostgresHost();
  const server = await host.startServer(VOLATILE);
  return { server, stop: () => host.dispose() };
}

async function tell(options: StoryOptions, stores: Stores | undefined): Promise<Outcome> {
  if (options.succession === "restart" || !stores) return tellStory(options);
  const { server } = stores;
  const database = await server.createDatabase();
  const executor = async () => {
    const sql = "SELECT holder FROM muster.leases WHERE name = 'executor' AND expires_at > clock_timestamp()";
    return (await server.query(sql, [], database)).rows[0]?.holder as string | undefined;
  };
  try {
    const outcome = await tellStory({ ...options, storeUrl: server.url(database), executor });
    if (outcome.kept !== undefined) {
      const { rows } = await server.query("SELECT text FROM muster.events ORDER BY seq", [], database);
      writeFileSync(join(outcome.kept, "events.jsonl"), rows.map(({ text }) => `${text}\n`).join(""));
    }
    return outcome;
  } finally {
    await server.emptyDatabase(database);
  }
}

// The servers end with this process, which must end in an orderly way for that.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const successions = (["restart", "takeover", "freeze"] as const).filter(
  (one) => values.only === undefined || values.only === one,
);
const baseline = await tellStory({ succession: "restart", failpoints: [] });
if (!baseline.finished)
  throw new Error(`the story does not come to its end even when nobody is killed: ${baseline.reason}`);
console.error(`A run in which nobody is killed takes ${baseline.seconds.toFixed(1)} s. Seed ${seed}.`);
const needed = successions.some((one) => one !== "restart");
if (needed && !postgresInstalled) console.error("PostgreSQL is not installed: takeover and freeze are LEFT OUT.");
const stores = needed && postgresInstalled ? await startStores() : undefined;
try {
  const sums: Sum[] = [];
  for (const succession of successions) {
    if (succession !== "restart" && !stores) continue;
    sums.push(await measure(succession, baseline, stores as Stores));
  }
  print(sums);
  const found = sums.flatMap(({ problems }) => problems);
  for (const { retried } of sums) for (const one of retried) console.log(`asked a person: ${one}`);
  for (const problem of found.slice(0, MAX_SHOWN)) console.error(problem);
  if (found.length > MAX_SHOWN) console.error(`… and ${found.length - MAX_SHOWN} more.`);
  const vain = sums.filter((sum) => !provesSomething(sum));
  for (const { succession, reached, points } of vain)
    console.error(`${succession}: only ${reached} of ${points} points were met`);
  if (found.length > 0 || vain.length > 0) process.exitCode = 1;
} finally {
  await stores?.stop();
}
// Whatever a failed story has left must not keep this process.
process.exit();
