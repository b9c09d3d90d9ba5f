import { describe, expect, it } from "vitest";
import { reportFacts } from "../../src/reports/facts.ts";
import { failover, promoteWest, serveFromWest } from "../helpers/incident.ts";
import { createStory, EAST, type Story, WEST } from "../helpers/story.ts";
import { assessLoss, calm, measured, propose, regionDies, sample, step } from "../helpers/story-moves.ts";

function promoted(promote: (story: Story) => void): Story {
  const story = createStory();
  calm(story);
  regionDies(story);
  failover(story);
  step(story, "run-1", "fence-source");
  promote(story);
  serveFromWest(story);
  return story;
}

describe("what was given up", () => {
  it("is unknown where a store was promoted without a look", () => {
    const story = promoted((one) => step(one, "run-1", "promote-target"));
    const { losses, headline, objectives } = reportFacts(story.input());
    expect(losses).toMatchObject([
      { store: "sessions", region: WEST, promotion: "done", budget: "unknown", loss: { kind: "unknown" } },
    ]);
    expect(headline.worstLoss).toMatchObject({ lossText: "an unknown amount of writes", budget: "unknown" });
    expect(objectives[0]?.rpo).toBe("unknown");
  });

  it("is worst where it is unknown, whatever was measured elsewhere", () => {
    const story = promoted(promoteWest);
    propose(story, { runId: "run-3", runbook: "failback", source: WEST, target: EAST });
    story.emit("run.started", { runId: "run-3" });
    step(story, "run-3", "promote-home", { loss: { kind: "unknown", reason: "no answer", at: story.now() } });
    const { headline, objectives } = reportFacts(story.input());
    expect(headline.worstLoss).toMatchObject({ region: EAST, budget: "unknown", others: 1 });
    expect(objectives[0]?.rpo).toBe("unknown");
  });

  it("is what was seen at the last attempt", () => {
    const story = promoted((one) => {
      one.emit("step.started", { runId: "run-1", stepId: "promote-target", attempt: 1 });
      assessLoss(one, "run-1", "promote-target", measured(one, 10, 1));
      step(one, "run-1", "promote-target", { attempt: 2, loss: measured(one, 20, 2) });
    });
    expect(reportFacts(story.input()).losses).toMatchObject([{ loss: { bytes: 20, seconds: 2 } }]);
  });

  it("may have been more than the target allows where the ceiling is above it", () => {
    const story = promoted((one) => promoteWest(one, measured(one, 9_000, 6), 9));
    const { objectives, losses } = reportFacts(story.input());
    expect(losses).toMatchObject([{ budget: "over", insideCeiling: true }]);
    expect(objectives[0]?.rpo).toBe("over");
  });
});

describe("the exact number of what was given up", () => {
  const found = { onlyOld: 3, onlyNew: 9, differing: 0, compared: 50, shown: "hashes" as const, examples: [] };
  const compare = (story: Story, change: { onlyOld?: number; cut?: string } = {}, [region, against] = [EAST, WEST]) =>
    story.emit("divergence.compared", {
      runId: "run-2",
      stepId: "compare",
      store: "sessions",
      region,
      against,
      found: { ...found, ...change },
    });
  const comparedIn = (story: Story) => reportFacts(story.input()).headline.worstLoss?.compared;

  it("is told with its event where the whole copy was compared after the promotion", () => {
    const story = promoted(promoteWest);
    expect(comparedIn(story)).toBeUndefined();
    compare(story, {}, [WEST, EAST]);
    expect(comparedIn(story)).toBeUndefined();
    compare(story);
    const { seq } = story.events().at(-1)!;
    const told = { region: EAST, records: 50, leftText: "3 records only there, none differs", refs: [seq] };
    expect(comparedIn(story)).toEqual(told);
    // By then it may have followed.
    compare(story, { onlyOld: 0 });
    expect(comparedIn(story)).toEqual(told);
  });

  it("is not known where the comparison was cut, whatever a later one says", () => {
    const story = promoted(promoteWest);
    compare(story, { cut: "its time was over" });
    compare(story, { onlyOld: 0 });
    expect(comparedIn(story)).toBeUndefined();
  });

  it("is not what was compared before that promotion", () => {
    const story = promoted((one) => {
      compare(one);
      promoteWest(one);
    });
    expect(comparedIn(story)).toBeUndefined();
  });
});

describe("replication as last sampled", () => {
  it("is that of the store that takes writes now", () => {
    const story = promoted(promoteWest);
    story.advance(1_000);
    for (const target of [WEST, "ap-sg"]) sample(story, measured(story, 0, 0), [EAST, target]);
    sample(story, measured(story, 7, 0.1), [WEST, EAST]);
    expect(reportFacts(story.input()).current.stores).toMatchObject([
      { source: WEST, target: EAST, loss: { bytes: 7 } },
    ]);
  });
});

describe("accepted risks", () => {
  it("are those that somebody accepted", () => {
    const story = createStory();
    calm(story);
    regionDies(story);
    const mustAccept = [{ id: "fence:fence-source", text: "The fence cannot be verified." }];
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", mustAccept });
    expect(reportFacts(story.input()).acceptedRisks).toEqual([]);
  });
});
