import { z } from "zod";
import { journalCard } from "../src/cards/lists.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";

export const journal = defineCommand({
  name: "journal",
  summary: "Read the journal's events",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: z.strictObject({
    run: Id.optional().describe("only events of this run"),
    kind: Id.optional().describe("only events of this kind, step.failed say"),
    after: z.number().int().min(0).optional().describe("only events with a greater sequence"),
    limit: z.number().int().min(1).max(1_000).default(100).describe("how many at most"),
  }),
  run: (query, core) => core.journal.query(query),
  present: (events) => journalCard(events),
});
