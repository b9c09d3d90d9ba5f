import { statusCard } from "../src/cards/status.ts";
import { statusView } from "../src/cards/status-view.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const status = defineCommand({
  name: "status",
  summary: "Show where traffic is served from, how the regions are, and what is under way",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: async (_input, core) => statusView(await core.state(), core.plan, nowIso(core)),
  present: (view) => statusCard(view),
});
