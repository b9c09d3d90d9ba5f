import { z } from "zod";
import { tokensCard } from "../src/cards/people.ts";
import { defineCommand } from "../src/commands/command.ts";
import { PrincipalId } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const tokenList = defineCommand({
  name: "token list",
  summary: "List one's own tokens, never their secrets; a commander sees everybody's",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: z.strictObject({ for: PrincipalId.optional().describe("whose tokens") }),
  run: async ({ for: whose }, core, caller) => ({
    tokens: await core.tokens.list({ for: whose }, caller),
    at: nowIso(core),
  }),
  present: ({ tokens, at }) => tokensCard(tokens, at),
});
