import { z } from "zod";
import { sections } from "../src/assistant/documents.ts";
import { documentsCard } from "../src/cards/plain.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Id } from "../src/commands/inputs.ts";

const names = sections.postmortem.map(({ id }) => id) as [string, ...string[]];

export const postmortem = defineCommand({
  name: "postmortem",
  summary: "Write the documents of an incident and show the post-mortem draft",
  positionals: ["incident"],
  role: "operator",
  readOnly: false,
  input: z
    .strictObject({
      incident: Id.optional().describe("an incident; the open or latest one without it"),
      redraft: z
        .enum(names)
        .optional()
        .describe(`a section for the model to write anew: ${names.join(", ")}`),
      hint: z.string().trim().min(1).max(500).optional().describe("what that section shall look at"),
    })
    .refine(({ redraft, hint }) => hint === undefined || redraft !== undefined, {
      path: ["hint"],
      message: "is for a section: name it with --redraft",
    }),
  run: ({ incident, redraft, hint = "" }, core, caller) =>
    redraft === undefined
      ? core.reports.write(incident)
      : core.reports.redraft({ document: "postmortem", section: redraft, hint }, incident, caller),
  present: (files) => documentsCard(files, "postmortem.md"),
});
