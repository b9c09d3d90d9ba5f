import { z } from "zod";
import { lockCard } from "../src/cards/lock.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";
import { longestDurationMs, parseDuration } from "../src/plans/duration.ts";
import { inFlightRuns } from "../src/runs/views.ts";

const SHORTEST_MS = 1_000;

export const lock = defineCommand({
  name: "lock",
  summary: "Freeze: no new run until it is unlocked; what is in flight goes on",
  positionals: [],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    reason: Reason.describe("why nothing may be started"),
    for: z
      .string()
      .max(20)
      .transform((text, context) => {
        const ms = parseDuration(text);
        if (ms !== undefined && ms >= SHORTEST_MS && ms <= longestDurationMs) return ms;
        context.addIssue({ code: "custom", message: "must be a time from 1s to 14d, such as 30m or 2h" });
        return z.NEVER;
      })
      .optional()
      .describe("ends by itself after this time: 2h"),
  }),
  run: async ({ reason, for: forMs }, core, caller) => {
    const state = await core.locks.lock({ reason, forMs }, caller);
    return { ...(state.lock && { lock: state.lock }), runs: inFlightRuns(state), at: nowIso(core) };
  },
  present: (view, caller) => lockCard(view, caller),
});
