import { z } from "zod";
import { runCard } from "../src/cards/run.ts";
import { defineCommand } from "../src/commands/command.ts";
import { RunId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const run = defineCommand({
  name: "run",
  summary: "Show one run, step by step",
  positionals: ["run"],
  role: "observer",
  readOnly: true,
  input: z.strictObject({ run: RunId }),
  run: async ({ run: runId }, core) => {
    const found = await core.runs.why(runId);
    return runView(core, found.run, found.waiting);
  },
  present: (view, caller) => runCard(view, caller),
});
