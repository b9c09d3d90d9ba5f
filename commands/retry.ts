import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { RunId, StepId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const retry = defineCommand({
  name: "retry",
  summary: "Try a failed step again",
  positionals: ["run", "step"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ run: RunId, step: StepId }),
  run: async ({ run, step }, core, caller) => runView(core, await core.runs.retry(run, step, caller)),
  present: (view, caller) => runCard(view, caller),
});
