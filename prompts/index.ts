import type { Prompts } from "../src/assistant/writer.ts";
import { postmortem } from "./postmortem.ts";
import { statusReport } from "./status-report.ts";

/** What a model is asked with, by the document that it helps to write. */
export const prompts: Prompts = { "status-report": statusReport, postmortem };
