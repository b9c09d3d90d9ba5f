import type { z } from "zod";
import type { Card } from "../cards/card.ts";
import type { Caller, Core, Role } from "../core.ts";

/**
 * One verb of `/dr`. The dispatcher, not the command, acknowledges, checks the role, dedupes and renders
 * errors. Usage, flags, the HTTP route and the OpenAPI entry are derived from `positionals` and `input`.
 */
export interface Command<Input = unknown, Data = unknown> {
  /** One word, or two for a verb with a noun ("audit verify"). */
  name: string;
  summary: string;
  /** Names of input fields that are given without a flag, in order. */
  positionals: string[];
  /** The caller must have this role. Operators ask and approvers decide; a commander may do either; all may observe. */
  role: Role;
  /** Also for an account that stands for nobody: it may read help, and say who it is. */
  anybody?: boolean;
  /** The answer holds something that is shown once: it is never kept, logged, or given to a repeat. */
  secret?: boolean;
  input: z.ZodType<Input>;
  /** Reads only? Then a GET view and a repeat are harmless. */
  readOnly: boolean;
  /** Takes seconds rather than moments: nobody else's command waits behind it. */
  slow?: boolean;
  run(input: Input, core: Core, caller: Caller): Promise<Data>;
  /** How people see the data; `caller` so that only buttons are shown that this person may press. */
  present(data: Data, caller: Caller): Card;
}

export function defineCommand<Input, Data>(command: Command<Input, Data>): Command {
  return command as unknown as Command;
}
