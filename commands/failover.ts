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
    breakGlass: z
      .boolean()
      .optional()
      .describe("commanders: override the guards that may be overridden; another person must confirm"),
    overrideLock: z.boolean().optional().describe("commanders: propose it in spite of a lock"),
    dryRun: z.boolean().default(false).describe("show what would happen and write nothing"),
  }),
  run: ({ region, ...request }, core, caller) => proposeRun("failover", { target: region, ...request }, core, caller),
  present: presentProposal,
});
