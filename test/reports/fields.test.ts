import { describe, expect, it } from "vitest";
import { reportFacts } from "../../src/reports/facts.ts";
import { createRenderer, divergenceTemplate, type TemplateName } from "../../src/reports/render.ts";
import { ReportFacts } from "../../src/reports/schema.ts";
import { changes, schemaPaths, valuePaths } from "../helpers/facts.ts";
import { scenes } from "../helpers/incident-scenes.ts";

/**
 * "Every sentence depends on the run": each field of the facts is changed, in every scene, one at a time, and at
 * least one document must change with it.
 */
const render = createRenderer();
/** Nearly everything is in the first of these. */
const inTurn: TemplateName[] = ["status-report", "postmortem", "timeline", divergenceTemplate];

/** Facts that contradict each other (open, and for no time) may be refused; they must not go unnoticed. */
function renderOrRefuse(name: TemplateName, facts: ReportFacts): string {
  try {
    return render(name, facts);
  } catch (error) {
    return `refused: ${error}`;
  }
}

describe("every field of the facts", () => {
  // The long story has the fields of the others, two thousand times.
  const { longStory: _, ...short } = scenes;
  for (const [name, tell] of Object.entries(short)) {
    it(`is said in some document: ${name}`, () => {
      const facts = reportFacts(tell().input());
      const before = new Map(inTurn.map((name) => [name, render(name, facts)]));
      const says = (name: TemplateName, changed: ReportFacts) => renderOrRefuse(name, changed) !== before.get(name);
      const unsaid = [...changes(facts)]
        .filter(({ facts: changed }) => !inTurn.some((name) => says(name, changed)))
        .map(({ path }) => path.join("."));
      expect([...new Set(unsaid)]).toEqual([]);
    }, 60_000);
  }

  it("has a value in some scene, so that none escapes", () => {
    const seen = new Set(Object.values(scenes).flatMap((tell) => valuePaths(reportFacts(tell().input()))));
    expect(schemaPaths(ReportFacts).filter((path) => !seen.has(path))).toEqual([]);
  });
});
