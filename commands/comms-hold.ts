import { z } from "zod";
import { commsCard } from "../src/cards/comms.ts";
import { defineCommand } from "../src/commands/command.ts";
import { PublicStage } from "../src/commands/inputs.ts";

export const commsHold = defineCommand({
  name: "comms hold",
  summary: "Hold a status update back until somebody posts it",
  positionals: ["stage"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ stage: PublicStage }),
  run: ({ stage }, core, caller) => core.comms.hold(stage, caller),
  present: (view, caller) => commsCard(view, caller),
});
