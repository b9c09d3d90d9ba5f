import { z } from "zod";
import { acceptedCard } from "../src/cards/store.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const storeAccept = defineCommand({
  name: "store accept",
  summary: "Go on with a store that lost acknowledged events, after a look at what they were",
  positionals: [],
  role: "commander",
  readOnly: false,
  input: z.strictObject({ reason: Reason.describe("why the lost events cannot be brought back") }),
  run: async ({ reason }, core, caller) => ({ found: await core.store.acceptHead(reason, caller), at: nowIso(core) }),
  present: ({ found, at }) => acceptedCard(found, at),
});
