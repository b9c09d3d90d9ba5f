import { z } from "zod";
import { newTokenCard } from "../src/cards/people.ts";
import { defineCommand } from "../src/commands/command.ts";
import { PrincipalId } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";
import { parseDuration } from "../src/plans/duration.ts";

const SHORTEST_MS = 60_000;
const LONGEST_MS = 366 * 86_400_000;

/** What it gives it also takes: the CLI reads an input before the server does. */
const Lifetime = z
  .union([z.string(), z.number()])
  .transform((value) => parseDuration(typeof value === "string" ? value.trim() : value))
  .refine((ms) => ms !== undefined && ms >= SHORTEST_MS && ms <= LONGEST_MS, {
    error: "must be a time from 1m to 366d, as in 90d or 12h",
  });

export const tokenCreate = defineCommand({
  name: "token create",
  summary: "Make a token for the CLI and the API; it is shown once",
  positionals: [],
  role: "observer",
  readOnly: false,
  secret: true,
  input: z.strictObject({
    for: PrincipalId.optional().describe("whose token; only a commander makes one for somebody else"),
    expires: Lifetime.optional().describe("how long it holds, as in 12h; 90d when not given"),
    name: z.string().trim().min(1).max(60).optional().describe("where it will be used, as in laptop"),
  }),
  run: async ({ for: whose, expires, name }, core, caller) => ({
    ...(await core.tokens.create({ for: whose, name, lifetimeMs: expires }, caller)),
    at: nowIso(core),
  }),
  present: (made) => newTokenCard(made),
});
