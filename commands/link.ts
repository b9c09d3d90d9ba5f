import { z } from "zod";
import { linkCodeCard, linkedCard } from "../src/cards/people.ts";
import { defineCommand } from "../src/commands/command.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const link = defineCommand({
  name: "link",
  summary: "Let a chat account stand for you: a code from where you are signed in, redeemed over there",
  positionals: ["code"],
  role: "observer",
  anybody: true,
  readOnly: false,
  secret: true,
  input: z.strictObject({
    code: z.string().trim().min(1).max(40).optional().describe("the code that `link` gave you"),
  }),
  run: async ({ code }, core, caller) => {
    const at = nowIso(core);
    if (code !== undefined) return { linked: await core.links.redeem(code, caller), at };
    return { offered: await core.links.offer(caller), at };
  },
  present: (done) => ("offered" in done ? linkCodeCard(done.offered, done.at) : linkedCard(done.linked)),
});
