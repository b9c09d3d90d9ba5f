import { z } from "zod";
import { commsCard } from "../src/cards/comms.ts";
import { defineCommand } from "../src/commands/command.ts";
import { PublicStage } from "../src/commands/inputs.ts";

export const commsEdit = defineCommand({
  name: "comms edit",
  summary: "Rewrite a status update that is not posted yet",
  positionals: ["stage", "text"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({
    stage: PublicStage,
    text: z.string().trim().min(1).max(1_000).meta({ rest: true }).describe("what the public shall read"),
  }),
  run: ({ stage, text }, core, caller) => core.comms.edit(stage, text, caller),
  present: (view, caller) => commsCard(view, caller),
});
