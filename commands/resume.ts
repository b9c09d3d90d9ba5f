import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { RunId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const resume = defineCommand({
  name: "resume",
  summary: "Let a paused run go on",
  positionals: ["run"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ run: RunId }),
  run: async ({ run }, core, caller) => runView(core, await core.runs.resume(run, caller)),
  present: (view, caller) => runCard(view, caller),
});
