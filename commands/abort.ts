import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RunId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const abort = defineCommand({
  name: "abort",
  summary: "End a run: nothing is applied any more, what was done stays done",
  positionals: ["run"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    run: RunId,
    reason: Reason.describe("why it is ended"),
    now: z.boolean().default(false).describe("do not look at what becomes of the steps in flight"),
  }),
  run: async ({ run: runId, reason, now }, core, caller) => {
    await core.runs.abort(runId, reason, caller, { now });
    const { run, waiting } = await core.runs.why(runId);
    return runView(core, run, waiting);
  },
  present: (view, caller) => runCard(view, caller),
});
