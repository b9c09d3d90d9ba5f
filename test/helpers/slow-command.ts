import { z } from "zod";
import { type Command, defineCommand } from "../../src/commands/command.ts";

/** A command that answers when the test says so, and not before. */
export function createSlowCommand(): { command: Command; finish(): void } {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const command = defineCommand({
    name: "ponder",
    summary: "Takes as long as the test says.",
    positionals: [],
    role: "observer",
    readOnly: true,
    slow: true,
    input: z.strictObject({}),
    run: () => finished.then(() => ({})),
    present: () => ({ title: "Pondered at last", status: "ok", fallback: "Pondered at last." }),
  });
  return { command, finish };
}
