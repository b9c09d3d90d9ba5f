import { AskAnswer } from "../src/assistant/answer.ts";
import { AskInput } from "../src/assistant/ask-input.ts";
import { definePrompt } from "../src/assistant/prompt.ts";

export const ask = definePrompt({
  id: "ask",
  version: 1,
  input: AskInput,
  output: AskAnswer,
  source: new URL("ask.hbs", import.meta.url),
});
