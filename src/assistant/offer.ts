import type { OfferedButton } from "../cards/buttons.ts";
import type { Command } from "../commands/command.ts";
import { fieldsOf } from "../commands/fields.ts";
import { parseText } from "../commands/parse.ts";
import { reportError } from "../errors.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";

/**
 * What a model may put before a person as a button. Nothing that decides for them, gives something up, breaks a guard,
 * speaks to the public or hands out a right; and nothing is ever run but by the person's own press.
 */
const MAY_BE_OFFERED: ReadonlySet<string> = new Set([
  "status",
  "summary",
  "readiness",
  "pending",
  "why",
  "runs",
  "run",
  "timeline",
  "failover",
  "failback",
  "rollback",
  "pause",
  "resume",
  "retry",
  "report",
]);
/** Words that go into the journal under the person's name are the person's own. */
const OWN_WORDS = "reason";
const NEVER: ReadonlySet<string> = new Set(["breakGlass", "overrideLock", OWN_WORDS]);

export type Offer = { button: OfferedButton } | { fault: string };

/** Pure: a line of a model, read by the parser that reads people's lines, as a button or as what is wrong with it. */
export function offerOf(commands: readonly Command[], line: string, { regions, runs }: AppState): Offer {
  let parsed: ReturnType<typeof parseText>;
  try {
    parsed = parseText(commands, withoutReason(line));
  } catch (error) {
    return { fault: reportError(error).summary };
  }
  const { command } = parsed;
  if (!MAY_BE_OFFERED.has(command.name)) {
    return { fault: `"${command.name}" may not be offered; these may: ${[...MAY_BE_OFFERED].join(", ")}.` };
  }
  const input = Object.fromEntries(
    Object.entries(parsed.input as Record<string, unknown>).filter(
      ([, value]) => value !== undefined && value !== false,
    ),
  );
  const forbidden = Object.keys(input).find((field) => NEVER.has(field));
  if (forbidden !== undefined) return { fault: `"${command.name}" is offered without ${forbidden}.` };
  const { region, run } = input as { region?: string; run?: string };
  if (region !== undefined && !own(regions, region)) return { fault: `There is no region ${region}.` };
  if (run !== undefined && !own(runs, run)) return { fault: `There is no run ${run}.` };
  return { button: buttonOf(command, input) };
}

/** A model that gives a reason all the same is not refused for it: the person writes their own. */
function withoutReason(line: string): string {
  return line.slice(0, 300).replace(/\s--reason(?:=|\s).*$/su, "");
}

function buttonOf(command: Command, input: Record<string, unknown>): OfferedButton {
  const words = [command.name, ...Object.values(input).map(String)].join(" ");
  const asksReason = fieldsOf(command).some(({ name }) => name === OWN_WORDS);
  return {
    label: `Run: ${words}`,
    style: "default",
    command: command.name,
    input,
    role: command.role,
    ...(!command.readOnly && {
      confirm: `Run "${words}" as yourself? A model proposed it. Guards and approvals hold as for any command.`,
    }),
    ...(asksReason && { ask: { field: OWN_WORDS, label: "Why? (in your own words)" } }),
  };
}
