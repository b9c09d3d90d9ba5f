import { draftSchema } from "../src/assistant/documents.ts";
import { definePrompt } from "../src/assistant/prompt.ts";
import { TaskInput } from "../src/assistant/task.ts";

export const postmortem = definePrompt({
  id: "postmortem",
  version: 2,
  input: TaskInput,
  output: draftSchema("postmortem"),
  source: new URL("postmortem.hbs", import.meta.url),
});
