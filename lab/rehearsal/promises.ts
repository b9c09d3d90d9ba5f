import { createHash } from "node:crypto";
import { stages } from "../../src/comms/events.ts";
import type { AuditResult } from "../../src/core.ts";
import type { Objectives } from "./objectives.ts";
import type { RehearsalOptions } from "./options.ts";
import { HOME, type Story, TARGET } from "./story.ts";
import { isToldOfElsewhere } from "./told.ts";

export interface PromiseCheck {
  promise: string;
  kept: boolean;
  /** What was seen, in either case. */
  seen: string;
}

/** What a rehearsal proves. Each is looked at in what the world and the clients saw, not in what Muster says of itself. */
export function checkPromises(
  story: Story,
  audit: AuditResult,
  objectives: Objectives,
  options: RehearsalOptions,
  documents: string[],
): PromiseCheck[] {
  const { failover, failback, rejoin, afterFailover, atTheEnd, end } = story;
  const announced = announcedSeconds(story);
  const outage = mainOutage(story);
  const lost = afterFailover.lost;
  const prepared = failover.steps.find(({ stepId }) => stepId === "scale-target");
  const granted = Object.values(end.approvals).find(
    ({ runId, phase }) => runId === failover.runId && phase === "granted",
  );
  const returnedSaved = rejoin?.steps.find(({ stepId }) => stepId === "save-divergent")?.phase;
  const check = (promise: string, kept: boolean, seen: string): PromiseCheck => ({ promise, kept, seen });
  return [
    check(
      "one fault opens one incident",
      Object.keys(end.incidents).length === 1,
      `${Object.keys(end.incidents).length} opened`,
    ),
    check(
      "preparation ran while people decided",
      (prepared?.endedAt ?? "~") < (granted?.endedAt ?? ""),
      `scaled at ${prepared?.endedAt ?? "never"}, granted at ${granted?.endedAt ?? "never"}`,
    ),
    check(
      "two different people approved",
      new Set(granted?.decisions.map(({ principal }) => principal)).size === 2,
      granted?.decisions.map(({ principal }) => principal).join(", ") ?? "nobody",
    ),
    check(
      "service was back within the RTO",
      outage !== undefined && outage <= objectives.rtoMs / 1000,
      `${outage ?? "?"} s of ${objectives.rtoMs / 1000} s`,
    ),
    check(
      "no more was lost than the card had announced",
      lost.spanSeconds <= announced && (lost.count === 0 || announced > 0),
      `${lost.count} records over ${lost.spanSeconds} s; announced at most ${announced} s`,
    ),
    check(
      "the loss was within the RPO",
      lost.spanSeconds <= objectives.rpoMs / 1000,
      `${lost.spanSeconds} s of ${objectives.rpoMs / 1000} s`,
    ),
    ...(options.lagMs >= 100
      ? [check("the lag really lost acknowledged writes", lost.count > 0, `${lost.count} records`)]
      : []),
    check(
      "the returned primary was quarantined, saved and made a follower",
      rejoin?.phase === "completed" && returnedSaved === "verified",
      `returned as ${story.returnedAs}; rejoin ${rejoin?.phase ?? "did not run"}`,
    ),
    listedDivergence(story),
    check(
      "going home lost nothing",
      atTheEnd.lost.count <= lost.count,
      `${atTheEnd.lost.count - lost.count} more records missing`,
    ),
    check(
      "all traffic is home",
      end.active === HOME && (end.traffic?.shares[HOME] ?? 0) === 1,
      `${Math.round((end.traffic?.shares[HOME] ?? 0) * 100)} % in ${HOME}`,
    ),
    check("failback went in stages", failback.phase === "completed" && failback.source === TARGET, failback.phase),
    toldThePublic(story),
    askedHowItGoes(story),
    check(
      "the journal is whole",
      audit.ok,
      audit.ok ? `${audit.events} events` : `event ${audit.firstBad?.seq}: ${audit.firstBad?.reason}`,
    ),
    check(
      "the documents are written",
      ["timeline.md", "status-report.md", "postmortem.md", `divergence-${rejoin?.runId}.md`, "events.jsonl"].every(
        (name) => documents.includes(name),
      ),
      documents.join(", "),
    ),
  ];
}

/** People led, wrote and said how it went, and were not thereby anything else. */
function askedHowItGoes({ end, page }: Story): PromiseCheck {
  const [{ room, incidentId } = { room: undefined, incidentId: "" }] = Object.values(end.incidents);
  const { roles = {}, checkIns = [], checkInCount = 0 } = room ?? {};
  const leads = roles["incident-commander"]?.principal;
  const added = checkIns.some(({ answers }) => answers.some(({ text }) => text !== undefined));
  const inPublic = JSON.stringify(page).includes(end.warRoom?.url?.split("$")[0] ?? "no link");
  return {
    promise: "somebody led and was asked how it goes, out of the public's sight",
    kept: leads === "operator" && roles.scribe?.principal === "observer" && added && !inPublic,
    seen: `${incidentId}: ${leads ?? "nobody"} led; ${checkInCount} check-ins, ${added ? "one with a line" : "none with a line"}${inPublic ? "; the link is public" : ""}`,
  };
}

/** From the first update to the last, each once and in order; the first within two minutes of the incident. */
function toldThePublic({ page, end }: Story): PromiseCheck {
  const [incident] = Object.values(end.incidents);
  const updates = page.incidents[0]?.updates.toReversed() ?? [];
  const told = updates.map(({ stage }) => stage);
  const lateMs = Date.parse(updates[0]?.at ?? "") - Date.parse(incident?.openedAt ?? "");
  const ranks = told.map((stage) => stages.indexOf(stage));
  const ordered = ranks.every((rank, index) => index === 0 || rank > (ranks[index - 1] ?? -1));
  const whole = told[0] === "investigating" && isToldOfElsewhere(page) && told.at(-1) === "resolved";
  return {
    promise: "the public was told in order, and at once",
    kept: ordered && whole && page.incidents.length === 1 && lateMs <= 120_000 && page.state === "operational",
    seen: `${told.join(", ") || "nothing"}; the first ${lateMs} ms after the incident was opened; now ${page.state}`,
  };
}

/**
 * What the divergence report lists against what the clients know: every acknowledged record that is missing must be
 * in it, and nothing that is not missing. A write without an answer may have been taken, so it may be there.
 */
function listedDivergence({ end, atTheEnd, rejoin }: Story): PromiseCheck {
  const promise = "the divergence report lists exactly what was lost";
  const report = end.divergences[`sessions/${HOME}`];
  if (!report || report.runId !== rejoin?.runId) return { promise, kept: false, seen: "nothing was compared" };
  const { lost, stale, unanswered } = atTheEnd.records;
  const prints = (records: number[]) => new Set(records.map((record) => fingerprint(`record:${record}`)));
  const [missing, maybe] = [prints([...lost, ...stale]), prints(unanswered)];
  const { onlyOld, differing, cut, examples } = report.found;
  const listed = examples.filter(({ what }) => what === "only-old").map(({ record }) => record);
  const unlisted = [...missing].filter((record) => !listed.includes(record)).length;
  const surplus = listed.filter((record) => !missing.has(record));
  const strange = surplus.filter((record) => !maybe.has(record)).length;
  const kept = cut === undefined && listed.length === onlyOld && differing === 0 && unlisted === 0 && strange === 0;
  const of = `${lost.length} lost and ${stale.length} taken after the return`;
  const seen = `${onlyOld} listed, for ${of}; ${surplus.length - strange} of them never answered, ${strange} unexplained; ${unlisted} not listed${cut ? `; cut: ${cut}` : ""}`;
  return { promise, kept, seen };
}

/** As the report tells records apart: by database and key, and without Muster's help. */
function fingerprint(key: string): string {
  return createHash("sha256").update(`0/${key}`).digest("hex").slice(0, 16);
}

/** The ceiling that people were shown before they approved. */
export function announcedSeconds({ failover }: Story): number {
  return Math.max(0, ...failover.evidence.losses.map(({ loss }) => (loss.kind === "unknown" ? 0 : loss.seconds)));
}

/** The longest gap of the clients that honour the TTL, from around the fault to the failover's end. */
export function mainOutage({ traffic, faultAt, failback }: Story): number | undefined {
  const own = traffic.outages.filter(
    ({ lastGoodAt }) => Date.parse(lastGoodAt) >= faultAt - 5_000 && lastGoodAt < failback.proposedAt,
  );
  return own.length > 0 ? Math.max(...own.map(({ seconds }) => seconds)) : undefined;
}
