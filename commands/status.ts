import { statusCard } from "../src/cards/status.ts";
import { statusView } from "../src/cards/status-view.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { knownState } from "../src/commands/known-state.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const status = defineCommand({
  name: "status",
  summary: "Show where traffic is served from, how the regions are, and what is under way",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: async (_input, core) => statusView(await knownState(core), core.plan, nowIso(core)),
  present: (view) => statusCard(view),
});
