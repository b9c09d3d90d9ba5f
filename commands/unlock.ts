import { z } from "zod";
import { lockCard } from "../src/cards/lock.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";
import { inFlightRuns } from "../src/runs/views.ts";

export const unlock = defineCommand({
  name: "unlock",
  summary: "End the freeze; for whoever set it, or a commander",
  positionals: [],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ reason: Reason.optional().describe("why it may end") }),
  run: async ({ reason }, core, caller) => {
    const { lifted, state } = await core.locks.unlock(reason, caller);
    return { lifted, runs: inFlightRuns(state), at: nowIso(core) };
  },
  present: (view, caller) => lockCard(view, caller),
});
