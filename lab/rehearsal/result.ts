import Table from "cli-table3";
import type { RunState } from "../../src/state.ts";
import type { FakePagerDuty } from "../pagerduty/state.ts";
import type { Objectives } from "./objectives.ts";
import type { RehearsalOptions } from "./options.ts";
import { announcedSeconds, mainOutage, type PromiseCheck } from "./promises.ts";
import type { Story } from "./story.ts";

/** What `--json` prints. Seconds everywhere; measured by the clients where it says so. */
export interface RehearsalResult {
  ok: boolean;
  fault: string;
  lagMs: number;
  redis: string;
  seconds: {
    toDetect: number;
    toDecide: number;
    toServeAgain: number | null;
    rtoTarget: number;
    lostSpan: number;
    announcedLoss: number;
    rpoTarget: number;
    failover: number;
    failback: number;
    total: number;
  };
  records: { acknowledged: number; lost: number; takenByTheOldPrimary: number; savedBeforeRejoin: boolean };
  steps: number;
  retries: number;
  promises: PromiseCheck[];
  documents: string;
  /** Who was woken. */
  pages: { afterSeconds: number; level: number; title: string }[];
}

export function makeResult(
  story: Story,
  promises: PromiseCheck[],
  objectives: Objectives,
  options: RehearsalOptions,
  about: { redis: string; totalMs: number; documents: string; notified: FakePagerDuty["notified"] },
): RehearsalResult {
  const { failover, failback, rejoin, end, faultAt, atTheEnd, afterFailover } = story;
  const incident = Object.values(end.incidents)[0];
  const asked = Object.values(end.approvals).filter(({ runId }) => runId === failover.runId);
  const runs = [failover, failback, ...(rejoin ? [rejoin] : [])];
  return {
    ok: promises.every(({ kept }) => kept),
    fault: options.fault,
    lagMs: options.lagMs,
    redis: about.redis,
    seconds: {
      toDetect: round(Date.parse(incident?.openedAt ?? "") - faultAt),
      toDecide: round(between(asked[0]?.requestedAt, asked.at(-1)?.endedAt)),
      toServeAgain: mainOutage(story) ?? null,
      rtoTarget: objectives.rtoMs / 1000,
      lostSpan: afterFailover.lost.spanSeconds,
      announcedLoss: announcedSeconds(story),
      rpoTarget: objectives.rpoMs / 1000,
      failover: round(between(failover.startedAt, failover.endedAt)),
      failback: round(between(failback.startedAt, failback.endedAt)),
      total: round(about.totalMs),
    },
    records: {
      acknowledged: atTheEnd.acknowledged,
      lost: afterFailover.lost.count,
      takenByTheOldPrimary: atTheEnd.splitBrain.count,
      savedBeforeRejoin: rejoin?.steps.find(({ stepId }) => stepId === "save-divergent")?.phase === "verified",
    },
    steps: runs.reduce((sum, run) => sum + run.steps.length, 0),
    retries: runs.reduce((sum, run) => sum + retriesOf(run), 0),
    promises,
    documents: about.documents,
    pages: about.notified.map(({ at, level, title }) => ({ afterSeconds: round(at - faultAt), level, title })),
  };
}

function retriesOf(run: RunState): number {
  return run.steps.reduce((sum, { attempt }) => sum + Math.max(0, attempt - 1), 0);
}

export function resultTables(result: RehearsalResult): string {
  const { seconds, records } = result;
  const figures = new Table({ head: ["Measured", "", "Target or announced"], style: { head: [], border: [] } });
  figures.push(
    ["Time to detect (fault to incident)", `${seconds.toDetect} s`, ""],
    ["Time to decide (asked to granted)", `${seconds.toDecide} s`, ""],
    [
      "Time to serve again (RTO, as clients saw it)",
      seconds.toServeAgain === null ? "no outage seen" : `${seconds.toServeAgain} s`,
      `${seconds.rtoTarget} s`,
    ],
    [
      "Acknowledged writes lost (RPO)",
      `${records.lost} over ${seconds.lostSpan} s`,
      `${seconds.rpoTarget} s; the card said at most ${seconds.announcedLoss} s`,
    ],
    [
      "Taken by the old primary after its return",
      `${records.takenByTheOldPrimary}`,
      records.savedBeforeRejoin ? "saved before it was made a follower" : "not saved",
    ],
    ["Failover, start to end", `${seconds.failover} s`, ""],
    ["Failback, start to end", `${seconds.failback} s`, ""],
    ["Steps and retries", `${result.steps} and ${result.retries}`, ""],
    ["Writes acknowledged in all", `${records.acknowledged}`, result.redis],
  );
  for (const { afterSeconds, level, title } of result.pages)
    figures.push(["Paged", `${afterSeconds} s after the fault`, `level ${level}: ${title}`]);
  const promises = new Table({ head: ["Promise", "", "Seen"], style: { head: [], border: [] } });
  for (const { promise, kept, seen } of result.promises) promises.push([promise, kept ? "kept" : "BROKEN", seen]);
  return `${figures}\n${promises}`;
}

function between(from: string | undefined, to: string | undefined): number {
  return Date.parse(to ?? "") - Date.parse(from ?? "");
}

function round(ms: number): number {
  return Math.round(ms / 100) / 10;
}
