import { renderDocuments } from "../../src/reports/write.ts";
import type { Story } from "./story.ts";

/** What is written of a story, by the documents' short names. */
export function documentsOf(story: Story) {
  const documents = renderDocuments(story.input());
  const text = (name: string) => documents.find((one) => one.name === name)?.text ?? "";
  return {
    timeline: text("timeline.md"),
    status: text("status-report.md"),
    postmortem: text("postmortem.md"),
    events: text("events.jsonl"),
  };
}
