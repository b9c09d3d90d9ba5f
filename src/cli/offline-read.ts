import type { Card } from "../cards/card.ts";
import type { Command } from "../commands/command.ts";
import { createDispatcher } from "../commands/dispatch.ts";
import type { Caller, Core } from "../core.ts";
import { AppError } from "../errors.ts";
import { elapsed, instant } from "../format.ts";
import { OFFLINE_COMMANDS } from "./flags.ts";

/** What they say is of the present, and here it is of the past; the others speak of the journal itself. */
const OF_NOW: ReadonlySet<string> = new Set(["status", "summary", "runs", "run", "why", "pending"]);
const READER: Caller = { principal: "offline", name: "Offline reader", roles: ["observer"] };

export interface OfflineReadOptions {
  commands: readonly Command[];
  stderr: { write(text: string): unknown };
  /** Opens a journal for reading, without a server. */
  openOffline?: (directory: string) => Promise<{ core: Core; close(): Promise<void> }>;
}

/** A command that only reads, answered from a directory's journal. Throws AppError for every other command. */
export async function readOffline(
  command: Command,
  input: unknown,
  directory: string,
  { commands, stderr, openOffline }: OfflineReadOptions,
): Promise<{ data: unknown; card: Card }> {
  if (!OFFLINE_COMMANDS.includes(command.name)) {
    const summary = `"${command.name}" needs the server; --data only reads.`;
    throw new AppError({ code: "bad-input", summary, hint: `Without a server: ${OFFLINE_COMMANDS.join(", ")}.` });
  }
  if (!openOffline) throw new Error("this build cannot read a journal without a server");
  const { core, close } = await openOffline(directory);
  try {
    // Nobody is refused anything here, and an offline journal must not grow by being read.
    const readOnly: Core = { ...core, refused: async () => {} };
    const logger = { error: (_: object, message: string) => stderr.write(`${message}\n`) };
    const dispatcher = createDispatcher({ core: readOnly, commands, directory: { list: () => [] }, logger });
    const { data, card } = await dispatcher.call(command.name, input, READER);
    const shown = { ...card, buttons: [] };
    return { data, card: OF_NOW.has(command.name) ? asLastKnown(shown, await lastEvent(core), core.now()) : shown };
  } finally {
    await close();
  }
}

/** Nobody watches while nothing runs: "all well" in green would be read as news. */
function asLastKnown(card: Card, last: { seq: number; at: string } | undefined, now: number): Card {
  const at = new Date(now).toISOString();
  const when = last
    ? `event ${last.seq}, ${instant(last.at, at)}, ${elapsed(last.at, at)} ago`
    : "the journal has no event";
  return {
    ...card,
    status: card.status === "ok" ? "muted" : card.status,
    title: `Last known (${when}): ${card.title}`,
  };
}

async function lastEvent(core: Core) {
  const { seq } = await core.state();
  const [last] = await core.journal.query({ after: seq - 1, limit: 1 });
  return last;
}
