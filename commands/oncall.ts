import { onCallCard } from "../src/cards/on-call.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";

export const oncall = defineCommand({
  name: "oncall",
  summary: "Who is on call now, in the order in which they are paged",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: (_, core) => core.onCall(),
  present: (view) => onCallCard(view),
});
