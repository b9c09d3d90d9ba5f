import { z } from "zod";
import { defineCommand } from "../src/commands/command.ts";
import { Id, RegionCode } from "../src/commands/inputs.ts";

export const runbook = defineCommand({
  name: "runbook",
  summary: "Show a runbook for hands: the vendors' commands, step by step, for when Muster cannot run it",
  positionals: ["name", "region"],
  role: "observer",
  readOnly: true,
  input: z.strictObject({
    name: Id.describe("a runbook of the plan"),
    region: RegionCode.optional().describe("the region it goes to"),
  }),
  run: async ({ name, region }, core) => ({ documents: [core.manual(name, region)] }),
  present: ({ documents: [document] }) => ({
    title: document?.name ?? "",
    status: "info",
    text: [document?.text ?? ""],
    fallback: document?.name ?? "",
  }),
});
