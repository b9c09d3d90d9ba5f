import { z } from "zod";
import { doneCard } from "../src/cards/plain.ts";
import { defineCommand } from "../src/commands/command.ts";

/** Everybody may say what they saw: in an incident the one who notices is often not the one who acts. */
export const note = defineCommand({
  name: "note",
  summary: "Write down an observation; it joins the timeline of the open incident",
  positionals: ["text"],
  role: "observer",
  readOnly: false,
  input: z.strictObject({
    text: z.string().trim().min(1).max(2_000).meta({ rest: true }).describe("what you saw or did"),
  }),
  run: ({ text }, core, caller) => core.incidents.note(text, caller),
  present: ({ noteId, incidentId }) => doneCard(incidentId ? `Noted in ${incidentId}` : "Noted", [noteId]),
});
