import { z } from "zod";
import { commsCard } from "../src/cards/comms.ts";
import { defineCommand } from "../src/commands/command.ts";
import { PublicStage } from "../src/commands/inputs.ts";

export const commsPost = defineCommand({
  name: "comms post",
  summary: "Post a status update that waits or did not arrive, or one that is true before its time",
  positionals: ["stage"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ stage: PublicStage }),
  run: ({ stage }, core, caller) => core.comms.post(stage, caller),
  present: (view, caller) => commsCard(view, caller),
});
