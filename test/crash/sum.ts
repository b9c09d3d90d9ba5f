import Table from "cli-table3";
import type { Succession } from "./instances.ts";
import { type Outcome, problemsOf } from "./tell.ts";

export interface Told {
  failpoints: string[];
  name: string;
}

/** What all stories of one succession came to. */
export interface Sum {
  succession: Succession;
  stories: number;
  points: number;
  reached: number;
  finished: number;
  twice: number;
  missing: number;
  repeated: number;
  lost: number;
  trespasses: number;
  retried: string[];
  problems: string[];
  seconds: number;
}

export function createSum(succession: Succession, points: number): Sum {
  const none = { reached: 0, finished: 0, twice: 0, missing: 0, repeated: 0, lost: 0, trespasses: 0 };
  return { succession, stories: 0, points, ...none, retried: [], problems: [], seconds: 0 };
}

export function add(sum: Sum, outcome: Outcome, baseline: Outcome, story: Told): void {
  const { reached, finished, twice, missing, lost, trespasses, retried, kept, seconds } = outcome;
  sum.reached += reached.length;
  if (finished) sum.finished += reached.length;
  sum.twice += twice.length;
  sum.missing += missing.length;
  sum.lost += lost.length;
  sum.trespasses += trespasses.length;
  for (const [resource, count] of Object.entries(outcome.writes)) {
    sum.repeated += Math.max(0, count - (baseline.writes[resource] ?? 0));
  }
  const where = ` [${story.failpoints.join("; ")}]`;
  sum.retried.push(...retried.map((one) => one + where));
  const found = problemsOf(outcome);
  sum.problems.push(...found.map((one) => one + where));
  // At once, so that nobody has to wait for the end of a long run.
  const say = (line: string) => console.error(line);
  say(`${found.length === 0 ? "ok  " : "FAIL"} ${seconds.toFixed(1)} s  ${story.name}: ${reached.join("; ")}`);
  const unmet = story.failpoints.filter((point) => !reached.includes(point));
  if (unmet.length > 0) say(`     not met: ${unmet.join("; ")}`);
  for (const problem of found) say(`     ${problem}`);
  for (const one of retried) say(`     asked a person: ${one}`);
  if (kept !== undefined) say(`     kept in ${kept}`);
}

export function print(sums: Sum[]): void {
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
      twice,
      missing,
      sum.repeated,
      lost,
      sum.succession === "freeze" ? trespasses : "",
      retried.length,
      Math.round(sum.seconds),
    ]);
  }
  console.log(`${table}`);
}
