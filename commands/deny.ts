import { z } from "zod";
import { approvalCard } from "../src/cards/approval.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id, Reason } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const deny = defineCommand({
  name: "deny",
  summary: "Say no to a proposed run, which ends it",
  positionals: ["id"],
  role: "approver",
  readOnly: false,
  input: z.strictObject({
    id: Id.describe("an approval, as `pending` lists them"),
    reason: Reason.describe("why not"),
  }),
  run: async ({ id, reason }, core, caller) => ({
    ...(await core.approvals.deny(id, reason, caller)),
    at: nowIso(core),
  }),
  present: (view, caller) => approvalCard(view, caller),
});
