import { z } from "zod";
import { defineCommand } from "../src/commands/command.ts";
import { Reason, RegionCode } from "../src/commands/inputs.ts";
import { presentProposal, proposeRun } from "../src/commands/propose.ts";

export const failover = defineCommand({
  name: "failover",
  summary: "Propose to serve from another region; people approve it where the plan asks for that",
  positionals: ["region"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    region: RegionCode.describe("the region to serve from"),
    reason: Reason.optional().describe("why, for those who decide"),
    dryRun: z.boolean().default(false).describe("show what would happen and write nothing"),
  }),
  run: ({ region, reason, dryRun }, core, caller) =>
    proposeRun("failover", { target: region, reason, dryRun }, core, caller),
  present: presentProposal,
});
