import { definePrompt } from "../src/assistant/prompt.ts";
import { Wording, WordingInput } from "../src/comms/wording.ts";

export const statusWording = definePrompt({
  id: "status-wording",
  version: 1,
  input: WordingInput,
  output: Wording,
  source: new URL("status-wording.hbs", import.meta.url),
});
