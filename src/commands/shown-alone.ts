import type { Answer } from "./dispatch.ts";

/** What was written shows in the channel by itself; the answer to a question, and a document, only to who asked. */
export function shownAlone({ command, data }: Pick<Answer, "command" | "data">): boolean {
  if (command.readOnly || command.secret) return true;
  return (data as { dryRun?: unknown }).dryRun === true || "documents" in (data as object);
}
