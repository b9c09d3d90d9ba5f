import { z } from "zod";
import { type CommandHelp, commandHelp, helpCard } from "../src/cards/help.ts";
import { type Command, defineCommand } from "../src/commands/command.ts";
import { findCommand } from "../src/commands/parse.ts";

/** Made from the registry it is part of, hence the function. */
export function createHelp(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "help",
    summary: "List the commands, or explain one",
    positionals: ["verb"],
    role: "observer",
    anybody: true,
    readOnly: true,
    input: z.strictObject({ verb: z.string().max(60).meta({ rest: true }).optional().describe("a command") }),
    run: async ({ verb }): Promise<CommandHelp[]> => {
      if (verb === undefined || verb.trim() === "") return commands().map(commandHelp);
      return [commandHelp(findCommand(commands(), verb.trim().split(/\s+/)).command)];
    },
    present: (list) => helpCard(list),
  });
}
