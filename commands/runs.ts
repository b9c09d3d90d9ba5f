import { z } from "zod";
import { runsCard } from "../src/cards/lists.ts";
import { runsNewestFirst } from "../src/cards/status-view.ts";
import { defineCommand } from "../src/commands/command.ts";
import { nowIso } from "../src/commands/run-view.ts";

export const runs = defineCommand({
  name: "runs",
  summary: "List the latest runs",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: z.strictObject({ limit: z.number().int().min(1).max(200).default(20).describe("how many at most") }),
  run: async ({ limit }, core) => ({ runs: runsNewestFirst(await core.state()).slice(0, limit), at: nowIso(core) }),
  present: (view) => runsCard(view.runs, view.at),
});
