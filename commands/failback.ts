import { z } from "zod";
import { defineCommand } from "../src/commands/command.ts";
import { Reason } from "../src/commands/inputs.ts";
import { presentProposal, proposeRun } from "../src/commands/propose.ts";

export const failback = defineCommand({
  name: "failback",
  summary: "Propose to bring the service home in stages",
  positionals: [],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    reason: Reason.optional().describe("why, for those who decide"),
    dryRun: z.boolean().default(false).describe("show what would happen and write nothing"),
  }),
  run: ({ reason, dryRun }, core, caller) => proposeRun("failback", { reason, dryRun }, core, caller),
  present: presentProposal,
});
