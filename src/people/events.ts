import { z } from "zod";

export const peopleEvents = {
  /** A command that was refused: who asked for what, and why not. */
  "command.refused": z.object({ command: z.string(), code: z.string(), summary: z.string() }),
};
