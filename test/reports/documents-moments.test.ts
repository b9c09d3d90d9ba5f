import { describe, expect, it } from "vitest";
import { documentsOf } from "../helpers/documents.ts";
import { scenes } from "../helpers/incident-scenes.ts";

/** What must be read, and what must not be, at each moment. */
const truths: { [Scene in keyof typeof scenes]: { says: string[]; neverSays: (string | RegExp)[] } } = {
  wholeNight: {
    says: [
      "the incident was resolved 2 m 57 s later; the active region is us-east-1",
      "Clients were without the service for at most 49 s",
      "the recovery target of 15 m was met",
      "gave up at most 1.2 s of writes (bounded), inside the budget of 5 s",
      "1 other promotion gave up no more than that; the copy that was left in us-east-1 was compared with that in eu-central (2,000 records): 3 records only there (310 bytes beyond the shared history), 1 record differs",
      "Accepted for run-1 by approver-1, approver-2: The fence cannot be verified in us-east-1: connect refused. The run relied on it",
      "saved the data set of the store in us-east-1 as diverged-run-2",
      "(during failback run-3)",
      "The incident is resolved; no recovery is outstanding.",
      "Time to detect: 2.4 s",
      "Time to decide: 29 s.",
      "Step shift-traffic of run-1 took 2 attempts; the last failure was: Route 53 does not answer.",
      "1 preparation step of run-1 (scale-target) finished while people were still deciding.",
      "Deciding about run-1 took 29 s, longer than carrying it out (16 s).",
      "“The provider's page shows nothing yet.”",
      "observer: failover (not-allowed)",
    ],
    // The last sample of the direction home → away is from before the promotion away.
    neverSays: [
      "instance of Muster",
      "as last sampled",
      "**open**",
      "still open",
      "is down and no run",
      "dr failover",
      /Nothing is left to do/,
    ],
  },
  openedOnly: {
    says: [
      "no run has been proposed yet",
      "Clients have been without the service since 2026-03-07 02:14:59 UTC, 12 s so far",
      "the recovery target of 15 m is not used up yet",
      "No data store is known to have been promoted",
      "us-east-1 is down and no run is in flight: dr failover eu-central.",
      "No basis yet: no run is in flight.",
      "**slower than** the 4 s that the rule allows",
      "Find out why detection was slower than its own rule allows.",
    ],
    neverSays: ["gave up", "resolved", "was met", "completed", "Time to decide", "Refused commands", "Notes taken"],
  },
  deciding: {
    says: [
      "failover run-1 (target eu-central) waits for 1 more approval",
      "Decide about failover run-1: dr approve ap-1, or dr deny ap-1",
      "Approval ap-1 for run-1 needs 1 more approval from approver or commander before 2026-03-07 02:45:02 UTC.",
      "should take 1 m 30 s once it starts; when it starts is for people to decide, and there is no basis for that",
      'Accepted for run-1 by approver-1: How much of "sessions" would be lost is unknown. The run has not relied on it',
    ],
    neverSays: ["gave up at most", "is in flight;", "should be done in", "Time to decide"],
  },
  running: {
    says: [
      "is in flight",
      "1 promotion of a data store was sent and has not been verified, so nobody knows yet",
      "was sent and has not been verified; it would give up at most 6 s of writes, 9,000 bytes (measured)",
      "People had allowed at most 5 s: **it was outside**",
      "should be done in 1 m 23 s",
      "What sessions would lose in run-1 had outgrown what people had allowed",
      "verified, was already so",
    ],
    neverSays: [
      "gave up at most",
      "No data store is known to have been promoted, so no acknowledged write is known to have been given up. ",
    ],
  },
  overdue: {
    says: ["has taken 50 s longer than expected, and there is no basis yet for another estimate"],
    neverSays: ["should be done in", "should take 10 s"],
  },
  retrying: {
    says: ["Step promote-target of run-1 is tried again at", "READONLY You can't write against a read only replica."],
    neverSays: ["a person to retry", "gave up at most"],
  },
  halted: {
    says: [
      "the active region is us-east-1 until failover run-1 completes",
      "has halted at a failed step and waits for a person",
      "gave up an unknown amount of writes, which counts as over the budget of 5 s",
      "dr retry run-1 shift-traffic, dr skip run-1 shift-traffic",
      "has halted: no basis yet, because it goes on when a person decides",
      "No ceiling was set. The budget is 5 s: **counts as exceeded**, because the amount is unknown.",
      "us-east-1 is under quarantine until",
      "Follow up the risk that run-1 took: How much of",
    ],
    neverSays: ["inside the budget", "should be done in", "| met |", "is in flight"],
  },
  paused: {
    says: [
      "is in flight; the active region is us-east-1 until failover run-1 completes",
      "run-1 is paused by operator since 02:15:35 UTC: the region answers again now and then; dr resume run-1 lets it go on.",
      "Decide about run-1, which operator paused: dr resume run-1, or dr abort run-1",
      "Failover run-1 paused by operator: the region answers again now and then.",
      "is paused: no basis yet, because it goes on when a person resumes it",
    ],
    neverSays: ["was aborted", "gave up", "should be done in"],
  },
  aborting: {
    says: [
      "is being aborted; what was under way is still looked at",
      "commander ended failover run-1: false alarm. Nothing is applied any more; it is looked at what becomes of fence-source.",
      "Step fence-source of run-1 is under way (attempt 1).",
      "is being aborted: no basis yet, because what follows is for people to propose",
    ],
    neverSays: [
      "should be done in",
      "until failover run-1 completes",
      "was aborted",
      "is in flight;",
      "See what became of",
    ],
  },
  abortedInFlight: {
    says: [
      "failover run-1 (target eu-central) was aborted, with the incident still open",
      "was left where it was: what was sent may still take effect; its state was last seen as unknown, connect refused.",
      "See what became of step fence-source of run-1: what was sent may still take effect",
      "dr failover eu-central",
    ],
    neverSays: ["is being aborted", "is under way", "gave up"],
  },
  abortedBeforePromotion: {
    says: [
      "failover run-1 (target eu-central) was aborted, with the incident still open; the active region is us-east-1",
      "It ended because: the region came back.",
      "Failover run-1 was aborted after 1 of 4 steps.",
      "dr failover eu-central",
    ],
    neverSays: [
      "Decide where the service is to run",
      "is in flight;",
      "gave up at most",
      "longer than carrying it out",
    ],
  },
  abortedAfterPromotion: {
    says: [
      "Decide where the service is to run: run-1 was aborted after it had promoted sessions in eu-central, and us-east-1 is still the active region.",
      "Step fence-source of run-1 was skipped: the region has no power.",
    ],
    neverSays: ["No data store is known to have been promoted", "completed"],
  },
  brokenGlass: {
    says: [
      "- **Break-glass** at ",
      "by commander; reason: nothing else is up. Guards overridden: target-quarantined: eu-central is in quarantine after run-0. Confirmed by: approver-1 and approver-2",
      "Review the broken glass of run-1",
    ],
    neverSays: [],
  },
  denied: {
    says: [
      "ended before it started, with the incident still open",
      "approver-1: no at 2026-03-07 02:15:06 UTC, after 4 s; network maintenance, back in a minute",
      "Ended at 2026-03-07 02:15:06 UTC without having started.",
    ],
    neverSays: ["aborted", "approved", "gave up", "Time to decide", "should take 1 m 30 s once"],
  },
  askedAgain: {
    says: [
      "voided at 2026-03-07 02:15:06 UTC because the facts changed: loss of sessions at most 5 s → 7.5 s",
      "Approval ap-2 asked for run-1, in place of ap-1",
      "waits for 2 more approvals",
    ],
    neverSays: ["dr approve ap-1", "granted"],
  },
  expired: {
    says: [
      "Approval ap-1 for run-1 expired before enough people had decided.",
      "the recovery target of 15 m was missed",
      "30 m 4 s so far",
    ],
    neverSays: ["dr approve", "was met", "waits for"],
  },
  awayFromHome: {
    says: [
      "failover run-1 (target eu-central) has completed, with the incident still open; the active region is eu-central",
      "The active region is eu-central; home is us-east-1.",
      "Bring the service home when it suits: dr failback.",
      "Replication of store sessions, eu-central → us-east-1, as last sampled: not replicated is nothing (measured)",
      "All 4 steps of failover run-1 were verified at the first attempt.",
      "which was lifted at",
    ],
    neverSays: ["No basis yet: a", "which still stands", "us-east-1 → eu-central, as last sampled"],
  },
  haltedOnTheWayHome: {
    says: [
      "failback run-3 (target us-east-1) has halted at a failed step and waits for a person; the active region is eu-central until failback run-3 completes, while traffic is divided us-east-1 100 %, eu-central 0 %",
      "dr retry run-3 canary-100",
      "one instance of Muster had ended and another had not begun",
      "for up to 20 s nobody may have been looking",
      "1 other promotion gave up no more than that",
    ],
    neverSays: ["dr failback", "Bring the service home"],
  },
  openedByPerson: {
    says: [
      "operator opened an incident about region us-east-1",
      "No interruption of the public name was seen, so the recovery target of 15 m was not touched.",
      "so there is no time to detect",
      "Detection did not conclude that us-east-1 was down.",
      "us-east-1 is home and healthy",
    ],
    neverSays: ["began to fail its probes", "Time to detect", "opened by hand", "gave up at"],
  },
  neverWatched: {
    says: [
      "What clients see is not known: the plan has no probe of the public name",
      "cannot be compared with anything",
      "| not measured |",
      "was not ready before the incident began (blocked: fence-source blocked (needs the failing region))",
      "Add an outside probe",
    ],
    neverSays: ["Clients were without", "Clients have been without", "was met", "had been assessed as ready"],
  },
  notYetProbed: {
    says: [
      "after 1 earlier interruption",
      "first seen failing",
      "Clients lost the service 2 times during the incident.",
      "The incident was opened by hand; detection saw us-east-1 down at 02:14:01 UTC.",
      "no good answer of it had been seen before",
      "The journal does not say whether a failover from us-east-1 was ready before the incident began.",
    ],
    neverSays: ["Time to detect", "was met", "had been assessed as ready"],
  },
  drill: {
    says: ["DRILL: failover run-1", "Drill run-1 (failover) aborted by operator: the drill is over."],
    neverSays: ["Failover run-1 started"],
  },
  reported: {
    says: [
      "Version 2;",
      "New since version 1",
      "lines left out here; timeline.md has them all",
      "Failover run-1 started.",
    ],
    neverSays: ["Version 1."],
  },
  longStory: {
    says: ["lines left out here; events.jsonl has them all"],
    neverSays: [],
  },
};

describe.each(Object.entries(truths))("at this moment: %s", (name, { says, neverSays }) => {
  const { timeline, status, postmortem } = documentsOf(scenes[name as keyof typeof scenes]());
  const everything = [timeline, status, postmortem].join("\n");

  it.each(says)("it says: %s", (text) => expect(everything).toContain(text));
  if (neverSays.length > 0) {
    it.each(neverSays)("it does not say: %s", (text) => {
      if (typeof text === "string") expect(everything).not.toContain(text);
      else expect(everything).not.toMatch(text);
    });
  }
});
