import { auditCard } from "../src/cards/lists.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";

export const auditVerify = defineCommand({
  name: "audit verify",
  summary: "Recompute the journal's hash chain and name the first bad event",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: (_input, core) => core.journal.verify(),
  present: (result) => auditCard(result),
});
