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
    breakGlass: z
      .boolean()
      .optional()
      .describe("commanders: override the guards that may be overridden; another person must confirm"),
    overrideLock: z.boolean().optional().describe("commanders: propose it in spite of a lock"),
    dryRun: z.boolean().default(false).describe("show what would happen and write nothing"),
  }),
  run: (request, core, caller) => proposeRun("failback", request, core, caller),
  present: presentProposal,
});
