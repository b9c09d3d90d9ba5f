import { definePrompt } from "../src/assistant/prompt.ts";
import { WordingInput, WordingOutput } from "../src/comms/wording.ts";

export const statusWording = definePrompt({
  id: "status-wording",
  version: 2,
  input: WordingInput,
  output: WordingOutput,
  source: new URL("status-wording.hbs", import.meta.url),
});
