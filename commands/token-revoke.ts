import { z } from "zod";
import { revokedCard } from "../src/cards/people.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";

export const tokenRevoke = defineCommand({
  name: "token revoke",
  summary: "End a token at once, on every instance",
  positionals: ["id"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({ id: Id.describe("a token, as `token list` shows it: tk-1") }),
  run: ({ id }, core, caller) => core.tokens.revoke(id, caller),
  present: (token) => revokedCard(token),
});
