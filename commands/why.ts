import { z } from "zod";
import { lossChoices } from "../src/cards/loss-choices.ts";
import { runCard, runNotes, waitingText } from "../src/cards/run.ts";
import { underWayText } from "../src/cards/steps.ts";
import { defineCommand } from "../src/commands/command.ts";
import { RunId } from "../src/commands/inputs.ts";
import { runView } from "../src/commands/run-view.ts";

export const why = defineCommand({
  name: "why",
  summary: "Say what a run waits for",
  positionals: ["run"],
  role: "observer",
  readOnly: true,
  input: z.strictObject({ run: RunId }),
  run: async ({ run: runId }, core) => {
    const { run, waiting } = await core.runs.why(runId);
    return runView(core, run, waiting);
  },
  present: (view, caller) => {
    const card = runCard(view, caller);
    const { table: _, ...rest } = card;
    const reasons = view.waiting.map(
      (one) => `${waitingText(one, view.at)}${underWayText(view.run, one.stepId, view.at)}`,
    );
    const choices = lossChoices(view.run, view.approval, view.at);
    const why = reasons.length > 0 ? [...choices, ...reasons] : ["It waits for nothing."];
    return { ...rest, text: [...runNotes(view), ...why] };
  },
});
