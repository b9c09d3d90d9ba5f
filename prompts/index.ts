import type { Prompts } from "../src/assistant/writer.ts";
import { ask } from "./ask.ts";
import { postmortem } from "./postmortem.ts";
import { statusReport } from "./status-report.ts";
import { statusWording } from "./status-wording.ts";

/** What a model is asked with, by the document that it helps to write. */
export const prompts: Prompts = { "status-report": statusReport, postmortem };

/** What a model is asked with for other words of a status update. */
/** What a model is asked with for a question. */
export { ask as askPrompt, statusWording };
