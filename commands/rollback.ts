import { z } from "zod";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RunId } from "../src/commands/inputs.ts";
import { presentProposal } from "../src/commands/propose.ts";
import { runView } from "../src/commands/run-view.ts";

export const rollback = defineCommand({
  name: "rollback",
  summary: "Propose to undo the traffic and scale steps of a run that has ended",
  positionals: ["run"],
  role: "operator",
  readOnly: false,
  input: z
    .strictObject({
      run: RunId,
      reason: Reason.optional().describe("why, for those who decide; needed except with --dry-run"),
      overrideLock: z.boolean().optional().describe("commanders: propose it in spite of a lock"),
      dryRun: z.boolean().default(false).describe("show what would be put back and write nothing"),
    })
    .refine(({ reason, dryRun }) => dryRun || reason !== undefined, {
      path: ["reason"],
      message: "say why; those who decide read it",
    }),
  run: async ({ run: runId, reason = "", overrideLock, dryRun }, core, caller) => {
    if (dryRun) return core.runs.dryRunRollback(runId);
    const { run } = await core.runs.rollback(runId, reason, caller, { overrideLock });
    return runView(core, run);
  },
  present: presentProposal,
});
