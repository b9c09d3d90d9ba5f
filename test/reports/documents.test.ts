import { describe, expect, it } from "vitest";
import { reportFacts } from "../../src/reports/facts.ts";
import { documentsOf } from "../helpers/documents.ts";
import { scenes } from "../helpers/incident-scenes.ts";
import type { Story } from "../helpers/story.ts";

function section(document: string, heading: string): string {
  const lines = document.split("\n");
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`no section "${heading}"`);
  const level = heading.match(/^#+/)?.[0].length ?? 1;
  const end = lines.findIndex((line, index) => index > start && (line.match(/^#+(?= )/)?.[0].length ?? 9) <= level);
  return lines.slice(start + 1, end < 0 ? undefined : end).join("\n");
}

const summaryOf = (story: Story) => section(documentsOf(story).status, "## 1. Executive summary").trim();

describe.each(Object.entries(scenes))("whatever the moment: %s", (_, tell) => {
  const story = tell();
  const { timeline, status, postmortem, events } = documentsOf(story);
  const all = [timeline, status, postmortem];

  it("has the seven sections of a status report, each with something in it", () => {
    const headings = status.split("\n").filter((line) => line.startsWith("## "));
    expect(headings).toEqual([
      "## 1. Executive summary",
      "## 2. Timeline",
      "## 3. Current service status",
      "## 4. Data integrity",
      "## 5. Impact",
      "## 6. Recommended next steps",
      "## 7. Estimated recovery timeline",
    ]);
    for (const heading of headings) expect(section(status, heading).trim()).not.toBe("");
  });

  it("has the sections of a post-mortem", () => {
    const headings = postmortem.split("\n").filter((line) => line.startsWith("## "));
    expect(headings).toEqual([
      "## Summary",
      "## Impact",
      "## Detection",
      "## Root cause and contributing factors",
      "## Response timeline",
      "## What went well",
      "## What went wrong",
      "## Where we were lucky",
      "## Action items",
    ]);
    for (const heading of headings) expect(section(postmortem, heading).trim()).not.toBe("");
    expect(section(postmortem, "## Root cause and contributing factors")).toContain("Not established yet.");
  });

  it("sums up in three sentences", () => {
    const [summary = ""] = section(status, "## 1. Executive summary").split("\n### ");
    const sentences = summary.trim().split(/(?<=\.)\s+(?=[A-Z0-9])/);
    expect(sentences).toHaveLength(3);
    for (const sentence of sentences) expect(sentence).toMatch(/\.$/);
  });

  it("has no seams", () => {
    for (const text of all)
      expect(text).not.toMatch(/undefined|NaN|\[object|\.\.| ,| \.|\(\)|\{\{|\}\}|null|\n\n\n|\S {2,}\S/);
  });

  it("cites only events that its own export holds", () => {
    const held = new Set(
      events
        .split("\n")
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    );
    const cited = all.flatMap((text) => [...text.matchAll(/(?<=[(| ])#(\d+)/g)].map((match) => Number(match[1])));
    const asOf = story.input().asOf.seq;
    expect(cited.length).toBeGreaterThan(3);
    expect(cited.filter((seq) => !held.has(seq) && seq !== asOf)).toEqual([]);
  });

  it("backs every finding and every action with an event, and names no person", () => {
    const { wentWell, wentWrong, actionItems, nextSteps } = reportFacts(story.input());
    for (const { text, refs } of [...wentWell, ...wentWrong, ...actionItems, ...nextSteps]) {
      expect(refs.length, text).toBeGreaterThan(0);
      expect(text).toMatch(/\.$/);
    }
    const ownWords = [...wentWell, ...wentWrong, ...actionItems].map(({ text }) => text).join("\n");
    expect(ownWords).not.toMatch(/approver-\d|operator\b|commander\b|observer\b/);
  });

  it("says from what it was made", () => {
    const { seq, hash } = story.input().asOf;
    for (const text of all)
      expect(text).toMatch(
        new RegExp(`template [a-z-]+@[0-9a-f]{12} over the journal as of #${seq}, whose hash is ${hash}`),
      );
  });

  it("is the same text for the same input", () => {
    expect(documentsOf(tell())).toEqual({ timeline, status, postmortem, events });
  });
});

describe("the summary", () => {
  it("changes with the story", () => {
    const summaries = Object.values(scenes).map((tell) => summaryOf(tell()));
    // The two nights that were not decided differ in nothing that a summary says.
    expect(new Set(summaries).size).toBeGreaterThanOrEqual(summaries.length - 3);
  });
});
