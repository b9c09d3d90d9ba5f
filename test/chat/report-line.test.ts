import { describe, expect, it } from "vitest";
import { chatMessages } from "../../src/chat/messages.ts";
import { comeBack, failover, promoteWest, serveFromWest } from "../helpers/incident.ts";
import { dying } from "../helpers/incident-oddities.ts";
import type { Story } from "../helpers/story.ts";

function write(story: Story): void {
  const { seq, hash } = story.events().at(-1) ?? { seq: 0, hash: "" };
  const documents = [{ name: "postmortem.md", sha256: "0".repeat(64) }];
  const version = (story.state().incidents["inc-1"]?.reports.length ?? 0) + 1;
  story.emit("report.written", { incidentId: "inc-1", documents, asOf: { seq, hash }, version });
}

function told(): Story {
  const story = dying();
  write(story);
  failover(story);
  promoteWest(story);
  serveFromWest(story);
  write(story);
  write(story);
  comeBack(story);
  return story;
}

const story = told();
const lines = chatMessages(story.events(), { state: story.state(), waiting: [], at: story.now() }).filter(
  ({ attach }) => attach !== undefined,
);

describe("what a channel reads of documents", () => {
  it("is one line for each version, with the documents of that version and of no other", () => {
    expect(lines.map(({ attach }) => attach)).toEqual([1, 2, 3].map((version) => ({ incidentId: "inc-1", version })));
    expect(lines.map(({ thread }) => thread)).toEqual(["inc-1", "inc-1", "inc-1"]);
    expect(lines[1]?.card.title).toContain("Documents of inc-1, version 2,");
  });

  it("says what has happened since the version before, the latest of it", () => {
    expect(lines[0]?.card.text).toBeUndefined();
    const [news = ""] = lines[1]?.card.text ?? [];
    expect(news).toMatch(/^New since version 1, after \d+ lines more:\n/);
    expect(news.split("\n").at(-1)).toBe("• Failover run-1 completed.");
    expect(news.split("\n").length).toBeLessThanOrEqual(5);
    expect(lines[2]?.card.text).toEqual(["Nothing worth a line has happened since version 2."]);
  });
});
