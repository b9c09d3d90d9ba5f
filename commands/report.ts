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
  input: z.strictObject({ incident: Id.optional().describe("an incident; the open or latest one without it") }),
  run: ({ incident }, core) => core.reports.write(incident),
  present: (files) => documentsCard(files, "status-report.md"),
});
