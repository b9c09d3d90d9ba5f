import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RunId, StepId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

/** The core lets only a commander leave out what guards data: a fence, a promotion. */
export const skip = defineCommand({
  name: "skip",
  summary: "Leave out a failed step and go on",
  positionals: ["run", "step"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ run: RunId, step: StepId, reason: Reason.describe("why it may be left out") }),
  run: async ({ run, step, reason }, core, caller) => runView(core, await core.runs.skip(run, step, reason, caller)),
  present: (view, caller) => runCard(view, caller),
});
