import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";

/** A local run never writes into a server's journal: the two chains are joined by an import, and only so. */
export async function ensureOwnJournal(journal: Journal, directory: string): Promise<void> {
  const [first] = await journal.read({ after: 0, limit: 1 });
  if (!first || first.kind === "offline.began") return;
  throw new AppError({
    code: "wrong-state",
    summary: `${directory} holds the journal of a server.`,
    hint: "Name a directory of its own for the local run: --data <directory>.",
  });
}

export function notCommander(principal: string | undefined): AppError {
  const who = principal === undefined ? "Nobody in the people file has this token" : `${principal} is not a commander`;
  return new AppError({
    code: "not-allowed",
    summary: `${who}, and only a commander may run anything without the store.`,
    hint: "Set MUSTER_TOKEN to a commander's token that stands in the people file (MUSTER_PEOPLE).",
  });
}
