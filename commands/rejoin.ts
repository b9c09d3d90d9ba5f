import { z } from "zod";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RegionCode } from "../src/commands/inputs.ts";
import { presentProposal, proposeRun } from "../src/commands/propose.ts";
import { AppError } from "../src/errors.ts";
import { runbookFor } from "../src/incidents/decide.ts";

/** What is proposed by itself once when a region returns; after it was aborted, a person asks. */
export const rejoin = defineCommand({
  name: "rejoin",
  summary: "Propose to make a region that returned a follower again",
  positionals: ["region"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    region: RegionCode.describe("the region that follows from then on"),
    reason: Reason.optional().describe("why, for those who decide"),
    dryRun: z.boolean().default(false).describe("show what would happen and write nothing"),
  }),
  run: ({ region, ...request }, core, caller) => {
    const runbook = runbookFor(core.plan, "region-returned");
    if (!runbook) throw noRunbook();
    return proposeRun(runbook.name, { target: region, ...request }, core, caller);
  },
  present: presentProposal,
});

function noRunbook(): AppError {
  return new AppError({
    code: "not-found",
    summary: "The plan has no runbook for a region that returns.",
    hint: "Add one with kind: rejoin and trigger: region-returned, or make the region a follower by hand.",
  });
}
