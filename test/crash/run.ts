import { parseArgs } from "node:util";
import Table from "cli-table3";
import { createPostgresHost, postgresInstalled, VOLATILE } from "../helpers/postgres.ts";
import { compare } from "./effects.ts";
import type { Succession } from "./instances.ts";
import { enumeratePoints, planStories } from "./points.ts";
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
    seed: { type: "string" },
    jobs: { type: "string", default: "2" },
    point: { type: "string", multiple: true },
  },
});
/** Another sample every day, the same for everybody. */
const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));

interface Sum {
  succession: Succession;
  stories: number;
  points: number;
  reached: number;
  finished: number;
  twice: string[];
  missing: string[];
  repeated: number;
  lost: string[];
  trespasses: string[];
  retried: string[];
  failures: string[];
  seconds: number;
}

async function measure(succession: Succession, baseline: Outcome, stores: Stores): Promise<Sum> {
  const action = succession === "freeze" ? "stop" : "kill";
  const count = values.stories === undefined ? SAMPLE[succession] : Number(values.stories);
  const { stories, points } = values.point
    ? { stories: [values.point], points: values.point.length }
    : planStories(enumeratePoints(baseline.events, action), values.all ? undefined : count, seed);
  const sum: Sum = {
    ...{ succession, stories: stories.length, points, reached: 0, finished: 0, repeated: 0, seconds: 0 },
    ...{ twice: [], missing: [], lost: [], trespasses: [], retried: [], failures: [] },
  };
  const began = performance.now();
  const left = [...stories];
  await Promise.all(
    Array.from({ length: Number(values.jobs) }, async () => {
      for (let failpoints = left.shift(); failpoints; failpoints = left.shift()) {
        add(sum, await tell({ succession, failpoints }, stores), baseline, failpoints);
      }
    }),
  );
  sum.seconds = (performance.now() - began) / 1000;
  return sum;
}

function add(sum: Sum, outcome: Outcome, baseline: Outcome, failpoints: string[]): void {
  const { twice, missing } = compare(baseline.courses, outcome.courses);
  const where = ` [${failpoints.join("; ")}]`;
  sum.reached += outcome.reached.length;
  if (outcome.finished) sum.finished += outcome.reached.length;
  else sum.failures.push(`${outcome.reason}${where}`);
  sum.twice.push(...twice.map((one) => one + where));
  if (outcome.finished) sum.missing.push(...missing.map((one) => one + where));
  sum.lost.push(...outcome.lost.map((one) => one + where));
  sum.trespasses.push(...outcome.trespasses.map((one) => one + where));
  sum.retried.push(...outcome.retried.map((one) => one + where));
  for (const [resource, count] of Object.entries(outcome.writes)) {
    sum.repeated += Math.max(0, count - (baseline.writes[resource] ?? 0));
  }
  const ok = outcome.finished && twice.length + missing.length + outcome.lost.length + outcome.trespasses.length === 0;
  console.error(
    `${ok ? "ok  " : "FAIL"} ${outcome.seconds.toFixed(1)} s  ${sum.succession}: ${outcome.reached.join("; ")}`,
  );
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
    return await tellStory({ ...options, storeUrl: server.url(database), executor });
  } finally {
    await server.emptyDatabase(database);
  }
}

function print(sums: Sum[]): void {
  const head = [
    "",
    "points",
    "reached",
    "finished",
    "made twice",
    "left out",
    "repeated requests",
    "lost",
    "trespasses",
  ];
  const table = new Table({ head: [...head, "asked a person", "seconds"], style: { head: [], border: [] } });
  for (const sum of sums) {
    const { twice, missing, lost, trespasses, retried } = sum;
    table.push([
      sum.succession,
      `${sum.points} in ${sum.stories} stories`,
      sum.reached,
      sum.finished,
      twice.length,
      missing.length,
      sum.repeated,
      lost.length,
      sum.succession === "freeze" ? trespasses.length : "",
      retried.length,
      Math.round(sum.seconds),
    ]);
  }
  console.log(`${table}`);
}

function problems(sums: Sum[]): string[] {
  return sums.flatMap(({ failures, twice, missing, lost, trespasses }) => [
    ...failures,
    ...twice.map((one) => `made twice: ${one}`),
    ...missing.map((one) => `left out: ${one}`),
    ...lost.map((one) => `lost: ${one}`),
    ...trespasses,
  ]);
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
  const found = problems(sums);
  for (const { retried } of sums) for (const one of retried) console.log(`asked a person: ${one}`);
  for (const problem of found.slice(0, MAX_SHOWN)) console.error(problem);
  if (found.length > MAX_SHOWN) console.error(`… and ${found.length - MAX_SHOWN} more.`);
  // A point that nobody comes to proves nothing; which ones differs a little from run to run.
  const vain = sums.filter(({ reached, points }) => reached < points / 2);
  for (const { succession, reached, points } of vain)
    console.error(`${succession}: only ${reached} of ${points} points were met`);
  if (found.length > 0 || vain.length > 0) process.exitCode = 1;
} finally {
  await stores?.stop();
}
// Whatever a failed story has left must not keep this process.
process.exit();
