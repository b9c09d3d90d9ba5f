import { offset } from "../../src/format.ts";
import type { AppState, RunState } from "../../src/state.ts";
import type { PublicPage } from "../../src/status-page/views.ts";
import type { LabClient } from "../client.ts";
import type { Verification } from "../traffic/verify.ts";
import type { FaultOrder } from "../world/faults.ts";
import type { TrafficStats } from "../world/traffic.ts";
import type { Hands } from "./hands.ts";
import type { MusterClient } from "./muster.ts";
import type { Fault } from "./options.ts";
import { checkIn, decide, meet, pause, pendingFor } from "./people.ts";
import { isToldOfElsewhere } from "./told.ts";
import { isWrittenUp } from "./written-up.ts";

/** What happened, as the world, the clients and the journal saw it. The promises are checked against this. */
export interface Story {
  faultAt: number;
  failover: RunState;
  failback: RunState;
  rejoin: RunState | undefined;
  /** Read back from the new primary after the failover, and from home at the end. */
  afterFailover: Verification;
  atTheEnd: Verification;
  traffic: TrafficStats;
  end: AppState;
  /** As everybody could read it when all was over. */
  page: PublicPage;
  /** The old primary took writes again when its region came back, before Muster fenced it. */
  returnedAs: string;
}

export const HOME = "us-east-1";
export const TARGET = "eu-central";

const faults: Record<Fault, { begin: FaultOrder[]; end: FaultOrder[] }> = {
  kill: { begin: [{ kind: "kill", region: HOME }], end: [{ kind: "restore", region: HOME }] },
  freeze: { begin: [{ kind: "freeze", region: HOME }], end: [{ kind: "thaw", region: HOME }] },
  partition: { begin: [{ kind: "partition", region: HOME }], end: [{ kind: "heal", region: HOME }] },
  "route53-away": {
    begin: [
      { kind: "break-api", api: "route53", mode: "unavailable" },
      { kind: "kill", region: HOME },
    ],
    end: [{ kind: "restore", region: HOME }],
  },
};

export interface StoryOptions {
  fault: Fault;
  lagMs: number;
  lab: LabClient;
  muster: MusterClient;
  hands: Hands;
  /** What whoever is on call does. */
  onCall(): Promise<void>;
  say(line: string): void;
}

/** The whole story of one disaster, told by doing it. */
export async function tellStory(options: StoryOptions): Promise<Story> {
  await settle(options);
  const faultAt = await strike(options);
  const failover = await failOver(options);
  const afterFailover = await options.lab.verify();
  const { rejoin, returnedAs } = await comeBack(options);
  await checkIn(options);
  const failback = await failBack(options);
  return { faultAt, failover, rejoin, returnedAs, failback, afterFailover, ...(await wrapUp(options)) };
}

async function settle({ muster, lab, say, lagMs }: StoryOptions): Promise<void> {
  say("Traffic flows to us-east-1; eu-central is warm.");
  if (lagMs > 0) {
    await lab.fault({ kind: "replication-lag", region: HOME, lagMs });
    say(`The replica gets everything ${lagMs} ms late.`);
  }
  const healthy = ({ regions, readiness }: AppState) =>
    Object.values(regions).every(({ verdict }) => verdict === "healthy") &&
    Object.values(readiness).some(({ status }) => status === "ready");
  await muster.until("both regions healthy and the failover ready", healthy, 60_000);
  // Long enough for the measure of replication to have a past.
  await pause(3_000);
  const { last10Seconds } = await lab.traffic();
  say(
    `Muster sees both regions healthy, the failover is ready; clients have written ${sum(last10Seconds.byRegion)} records in ten seconds.`,
  );
}

async function strike({ fault, lab, say }: StoryOptions): Promise<number> {
  const faultAt = Date.now();
  for (const order of faults[fault].begin) await lab.fault(order);
  say(`us-east-1 is struck: ${fault}.`);
  return faultAt;
}

async function failOver(options: StoryOptions): Promise<RunState> {
  const { muster, lab, say, fault } = options;
  const proposed = await muster.until(
    "an incident and a proposed failover",
    (state) => pendingFor(state, "failover") !== undefined,
    30_000,
  );
  const run = pendingFor(proposed, "failover")?.run as RunState;
  say(
    `Detection opened ${proposed.openIncidentId} and proposed ${run.runId} to ${run.target}. People look at the card; preparation runs.`,
  );
  await meet(options, proposed.openIncidentId ?? "");
  await options.onCall();
  for (const { store, loss } of run.evidence.losses) say(`  The card says of "${store}": ${JSON.stringify(loss)}`);
  await decide(options, "failover");
  if (fault === "route53-away") {
    await muster.until(
      "the traffic step to meet the missing change API",
      (state) => meetsNothing(state.runs[run.runId], "shift-traffic"),
      30_000,
    );
    // Long enough that a step which gave up, or sent its change blindly, would show.
    await pause(5_000);
    say(
      "Route 53's change API does not answer; the step goes on looking and everything else went on. The API comes back now.",
    );
    await lab.fault({ kind: "mend-api", api: "route53" });
  }
  const done = await muster.until(
    "the failover to complete",
    ({ runs }) => runs[run.runId]?.phase === "completed",
    60_000,
  );
  say(`${run.runId} completed: traffic is served from ${done.active}.`);
  // Of a region that is back at once nobody would be told that the service was elsewhere.
  await pageWhen(muster, isToldOfElsewhere);
  return done.runs[run.runId] as RunState;
}

function meetsNothing(run: RunState | undefined, stepId: string): boolean {
  const step = run?.steps.find((one) => one.stepId === stepId);
  return step !== undefined && (step.error !== undefined || step.reason !== undefined);
}

async function comeBack({
  fault,
  lab,
  muster,
  say,
}: StoryOptions): Promise<{ rejoin: RunState | undefined; returnedAs: string }> {
  for (const order of faults[fault].end) await lab.fault(order);
  const returned = await roleOfHome(lab);
  say(
    `us-east-1 is back; its Redis is a ${returned} that ${returned === "primary" ? "takes writes" : "follows"}. It is in quarantine.`,
  );
  const rejoined = await muster.until(
    "us-east-1 to be made a follower and to leave quarantine",
    (state) => state.regions[HOME]?.quarantine === undefined && lastRun(state, "rejoin")?.phase === "completed",
    60_000,
  );
  const rejoin = lastRun(rejoined, "rejoin");
  say("us-east-1 follows eu-central, has been healthy long enough, and is out of quarantine.");
  return { rejoin, returnedAs: returned };
}

/** A region's Redis takes a moment to answer after its return. */
async function roleOfHome(lab: LabClient): Promise<string> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const role = (await lab.state()).regions.find(({ code }) => code === HOME)?.redis.role;
    if (role !== undefined && role !== "unknown") return role;
    await pause(100);
  }
  return "unknown";
}

async function failBack(options: StoryOptions): Promise<RunState> {
  const { muster, hands, say } = options;
  await hands.failBack("operator", "us-east-1 is healthy again");
  say("The operator asked for the failback: 10 %, 50 %, 100 %.");
  await decide(options, "failback");
  let shown = "";
  const done = await muster.until(
    "the failback to complete",
    (state) => {
      const share = Math.round((state.traffic?.shares[HOME] ?? 0) * 100);
      const line = `${share} % of the traffic is home.`;
      if (line !== shown && share > 0) say(line);
      shown = line;
      return lastRun(state, "failback")?.phase === "completed";
    },
    90_000,
  );
  say("The failback is complete.");
  return lastRun(done, "failback") as RunState;
}

function lastRun(state: AppState, runbook: string): RunState | undefined {
  return Object.values(state.runs).findLast((run) => run.runbook === runbook);
}

async function wrapUp({
  muster,
  lab,
  say,
}: StoryOptions): Promise<Pick<Story, "end" | "atTheEnd" | "traffic" | "page">> {
  await muster.until("the incident to be resolved and written up", (state) => isWrittenUp(muster, state), 30_000);
  // Detection may see the last of the traffic come home after that.
  const isHome = ({ traffic }: AppState) => traffic?.shares[HOME] === 1;
  const end = await muster.until("the traffic to be seen at home", isHome, 15_000).catch(() => muster.state());
  say("The incident is resolved and its documents are written.");
  const isOver = ({ incidents, state }: PublicPage) => incidents[0]?.stage === "resolved" && state === "operational";
  const page = await pageWhen(muster, isOver);
  for (const { startedAt, updates } of page.incidents)
    for (const { stage, at, text } of updates.toReversed())
      say(`Status page at ${offset(startedAt, at)}, ${stage}: ${text}`);
  return { end, page, atTheEnd: await lab.verify(), traffic: await lab.traffic() };
}

/** The public page as soon as it says so. What is made for many readers may be a few seconds old. */
async function pageWhen(muster: MusterClient, says: (page: PublicPage) => boolean): Promise<PublicPage> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const page = await muster.statusPage();
    if (says(page) || performance.now() > deadline) return page;
    await pause(500);
  }
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
