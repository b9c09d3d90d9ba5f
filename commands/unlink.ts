import { z } from "zod";
import { doneCard } from "../src/cards/plain.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";

export const unlink = defineCommand({
  name: "unlink",
  summary: "Take a linked account away at once; a commander may do so for others",
  positionals: ["system", "account"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({
    system: Id.describe("slack, teams, …"),
    account: z.string().trim().min(1).max(200).describe("the account, as `link` lists it"),
  }),
  run: (input, core, caller) => core.links.unlink(input, caller),
  present: ({ system, account, principal }) =>
    doneCard(`The ${system} account ${account} no longer stands for ${principal}`),
});
