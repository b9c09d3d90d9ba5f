import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RunId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const pause = defineCommand({
  name: "pause",
  summary: "Hold a run: no step starts and nothing is applied until it is resumed",
  positionals: ["run"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ run: RunId, reason: Reason.describe("why it is held") }),
  run: async ({ run: runId, reason }, core, caller) => {
    await core.runs.pause(runId, reason, caller);
    const { run, waiting } = await core.runs.why(runId);
    return runView(core, run, waiting);
  },
  present: (view, caller) => runCard(view, caller),
});
