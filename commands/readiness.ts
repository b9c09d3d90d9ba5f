import { readinessCard } from "../src/cards/readiness.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const readiness = defineCommand({
  name: "readiness",
  summary: "Assess every step that could run now; writes nothing to the world",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: async (_input, core) => {
    const assessed = Object.values(await core.readiness());
    const { lock, placement } = await core.state();
    return { readiness: assessed, placement: placement?.findings ?? [], ...(lock && { lock }), at: nowIso(core) };
  },
  present: (view) => readinessCard(view),
});
