import { commsCard } from "../src/cards/comms.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";

export const comms = defineCommand({
  name: "comms",
  summary: "What the public was told, what waits, and what comes next",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: (_, core) => core.comms.view(),
  present: (view, caller) => commsCard(view, caller),
});
