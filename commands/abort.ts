import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RunId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const abort = defineCommand({
  name: "abort",
  summary: "Stop a run: no further step starts, what was done stays done",
  positionals: ["run"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ run: RunId, reason: Reason.describe("why it is stopped") }),
  run: async ({ run, reason }, core, caller) => runView(core, await core.runs.abort(run, reason, caller)),
  present: (view, caller) => runCard(view, caller),
});
