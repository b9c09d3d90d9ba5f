import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writesDrafts } from "../../lab/model/writes.ts";
import { createWriter } from "../../src/assistant/writer.ts";
import { systemClock } from "../../src/clock.ts";
import { failover, promoteWest, serveFromWest } from "../helpers/incident.ts";
import { dying } from "../helpers/incident-oddities.ts";
import { startModel, type TestModel } from "../helpers/model.ts";
import { EAST, type Story } from "../helpers/story.ts";
import { good } from "../helpers/story-moves.ts";

let model: TestModel;
beforeEach(async () => {
  model = await startModel();
  model.server.play(writesDrafts);
});
afterEach(() => model.server.close());

/** A region that goes and comes for hours, with long error texts, after a failover that went through. */
function flapping(events: number): Story {
  const story = dying();
  failover(story);
  promoteWest(story);
  serveFromWest(story);
  for (let index = 0; index < events; index += 1) {
    const down = index % 2 === 0;
    const evidence = [down ? { ...good("api"), ok: false, failures: 3, detail: "x".repeat(2_000) } : good("api")];
    const [from, to] = down ? (["healthy", "down"] as const) : (["down", "healthy"] as const);
    story.advance(1_000);
    story.emit("verdict.changed", { region: EAST, from, to, since: story.now(), evidence }, "system:detector");
  }
  return story;
}

describe("an incident of five thousand events", () => {
  it("takes two requests at most, each of a bounded size, and its turns are in them", async () => {
    const story = flapping(5_000);
    const writer = createWriter({ ...model.assistant, clock: systemClock, logger: pino({ level: "silent" }) });
    for (const document of ["status-report", "postmortem"] as const) {
      const drafted = await writer.draft(document, story.input());
      expect(drafted.kind).toBe("report.drafted");
      expect(drafted.data.requests).toBeLessThanOrEqual(2);
    }
    for (const { system, user } of model.server.asked) {
      // 120 events of at most 400 characters with their fields, and the rules.
      expect(system.length + user.length).toBeLessThan(75_000);
      for (const kind of ["incident.opened", "run.proposed", "run.completed"])
        expect(user).toMatch(new RegExp(`^e\\d+ ${kind} at`, "m"));
      expect(user).toMatch(/\(\d{4} events of lesser weight are left out\.\)/);
      expect(user.match(/^e\d+ /gm)?.length).toBe(120);
    }
  });
});
