import { z } from "zod";
import { incidentCard } from "../src/cards/incident.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Reason } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const resolve = defineCommand({
  name: "resolve",
  summary: "Close the open incident",
  positionals: [],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ reason: Reason.describe("what ended it") }),
  run: async ({ reason }, core, caller) => {
    const incident = await core.incidents.resolve(reason, caller);
    const { runs } = await core.state();
    const own = incident.runIds.map((id) => runs[id]).filter((run) => run !== undefined);
    return { incident, runs: own, at: nowIso(core) };
  },
  present: (view, caller) => incidentCard(view, caller),
});
