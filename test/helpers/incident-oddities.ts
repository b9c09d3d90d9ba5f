import { failover } from "./incident.ts";
import { createStory, EAST, type Story, storyPlan, WEST } from "./story.ts";
import { calm, regionDies } from "./story-moves.ts";

/** Both regions were well, then the active one died. */
export function dying(story = createStory(), detectMs?: number): Story {
  calm(story);
  regionDies(story, detectMs);
  return story;
}

/** A planned move: nothing is broken, a person opened the incident by asking. */
export function openedByPerson(): Story {
  const story = createStory();
  calm(story);
  const title = "Failover of genai-api from us-east-1 to eu-central asked for";
  story.emit(
    "incident.opened",
    { incidentId: "inc-1", title, region: EAST, severity: "sev2", openedBy: "person", startedAt: story.now() },
    "operator",
  );
  story.advance(3_000);
  return story;
}

/** The plan has no outside probe, and readiness was never good. */
export function neverWatched(): Story {
  const { outside: _, ...detection } = storyPlan().detection;
  const story = createStory(storyPlan({ detection }));
  calm(story);
  const steps = [{ stepId: "fence-source", state: "blocked" as const, reason: "needs the failing region" }];
  story.emit("readiness.changed", {
    runbook: "failover",
    source: EAST,
    target: WEST,
    from: "ready",
    to: "blocked",
    steps,
  });
  story.advance(1_000);
  regionDies(story);
  story.advance(3_000);
  return story;
}

/** Muster began to look when everything was down already. */
export function notYetProbed(): Story {
  const story = createStory();
  const title = "genai-api does not answer";
  story.emit(
    "incident.opened",
    { incidentId: "inc-1", title, region: EAST, severity: "sev3", openedBy: "person", startedAt: story.now() },
    "operator",
  );
  story.advance(1_000);
  story.emit(
    "verdict.changed",
    {
      region: EAST,
      from: "unknown",
      to: "down",
      since: story.now(),
      evidence: [{ probe: "api", ok: false, detail: "connect refused", failures: 3 }],
    },
    "system:detector",
  );
  story.emit("availability.changed", { service: "public", available: false, precisionMs: 2_000 }, "system:detector");
  story.advance(60_000);
  story.emit(
    "availability.changed",
    { service: "public", available: true, firstGoodAt: story.now(), precisionMs: 1_000 },
    "system:detector",
  );
  story.advance(10_000);
  const lastGoodAt = story.now();
  story.emit(
    "availability.changed",
    { service: "public", available: false, lastGoodAt, precisionMs: 2_000 },
    "system:detector",
  );
  story.advance(5_000);
  return story;
}

export function drill(): Story {
  const story = dying();
  failover(story, { rehearsal: true, reason: "quarterly drill" });
  story.emit("run.aborted", { runId: "run-1", reason: "the drill is over" }, "operator");
  return story;
}

/** More lines than a timeline shows. */
export function longStory(): Story {
  const story = dying();
  for (let index = 1; index <= 2_100; index += 1) {
    story.emit("note.added", { noteId: `note-${index}`, incidentId: "inc-1", text: `Look ${index}` }, "observer");
    story.advance(1_000);
  }
  return story;
}
