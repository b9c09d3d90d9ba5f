import { chooseIncident, statusView } from "../src/cards/status-view.ts";
import { type SummaryView, summaryCard } from "../src/cards/summary.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { knownState } from "../src/commands/known-state.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const summary = defineCommand({
  name: "summary",
  summary: "Tell in five lines what one needs to know who joins now",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: async (_input, core): Promise<SummaryView> => {
    const known = await knownState(core);
    const status = statusView(known, core.plan, nowIso(core));
    const incident = chooseIncident(known.state);
    const run = known.state.runs[incident?.runIds.at(-1) ?? ""];
    return { status, ...(incident && { incident }), ...(run && { run }) };
  },
  present: (view) => summaryCard(view),
});
