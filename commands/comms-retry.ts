import { z } from "zod";
import { commsCard } from "../src/cards/comms.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";

export const commsRetry = defineCommand({
  name: "comms retry",
  summary: "Try again what did not reach a pager, mailbox or webhook and was given up",
  positionals: ["destination"],
  role: "operator",
  readOnly: false,
  input: z.strictObject({ destination: Id.optional().describe("as `comms` names it; all of them when left out") }),
  run: ({ destination }, core, caller) => core.comms.retry(destination, caller),
  present: (view, caller) => commsCard(view, caller),
});
