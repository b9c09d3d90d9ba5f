import { draftSchema } from "../src/assistant/documents.ts";
import { definePrompt } from "../src/assistant/prompt.ts";
import { TaskInput } from "../src/assistant/task.ts";

export const statusReport = definePrompt({
  id: "status-report",
  version: 2,
  input: TaskInput,
  output: draftSchema("status-report"),
  source: new URL("status-report.hbs", import.meta.url),
});
