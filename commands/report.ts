import { z } from "zod";
import { documentsCard } from "../src/cards/plain.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";

export const report = defineCommand({
  name: "report",
  summary: "Write the documents of an incident and show the status report",
  positionals: ["incident"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    incident: Id.optional().describe("an incident; the open or latest one without it"),
    version: z.number().int().min(1).max(100_000).optional().describe("show this version again; writes nothing"),
  }),
  run: ({ incident, version }, core) =>
    version === undefined ? core.reports.write(incident) : core.reports.version(incident, version),
  present: (files) => documentsCard(files, "status-report.md"),
});
