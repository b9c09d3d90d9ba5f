import { z } from "zod";
import { approvalCard } from "../src/cards/approval.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";
import { own } from "../src/own.ts";

export const approve = defineCommand({
  name: "approve",
  summary: "Say yes to a proposed run",
  positionals: ["id"],
  role: "approver",
  readOnly: false,
  input: z.strictObject({
    id: Id.describe("an approval, as `pending` lists them"),
    accept: z.array(Id).max(50).default([]).describe("accept this by name, as the card asks; may be repeated"),
    acceptAll: z.boolean().default(false).describe("accept everything that the card names"),
  }),
  run: async ({ id, accept, acceptAll }, core, caller) => {
    // What must be accepted never changes under one approval id: a new situation is asked under a new id.
    const all = acceptAll ? (own((await core.state()).approvals, id)?.mustAccept ?? []).map((one) => one.id) : [];
    const accepted = [...new Set([...accept, ...all])];
    return { ...(await core.approvals.approve(id, accepted, caller)), at: nowIso(core) };
  },
  present: (view, caller) => approvalCard(view, caller),
});
