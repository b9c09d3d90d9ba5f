import { randomUUID } from "node:crypto";
import type { Card } from "../cards/card.ts";
import type { Caller, Core } from "../core.ts";
import { AppError, reportError } from "../errors.ts";
import { standsForNobody } from "../people/identity.ts";
import { hasRole } from "../people/roles.ts";
import type { Command } from "./command.ts";
import { checkInput, findCommand, findInLine, readInput } from "./parse.ts";
import { splitWords } from "./words.ts";

export interface Answer {
  command: Command;
  /** What `--json` prints. */
  data: unknown;
  card: Card;
}

export interface DispatcherOptions {
  core: Core;
  commands: readonly Command[];
  /** Who there is, for saying who may do what the caller may not. */
  directory: { list(): Caller[] };
  logger: { error(fields: object, message: string): void };
  /** Told after each command, for metrics. `outcome` is "done" or an error code. */
  observe?: (command: string, outcome: string, elapsedMs: number) => void;
}

export interface Dispatcher {
  /** A call with fields, from HTTP or a button. Throws AppError only. */
  call(name: string, input: unknown, caller: Caller): Promise<Answer>;
  /** A chat line. Throws AppError only. */
  text(line: string, caller: Caller): Promise<Answer>;
  /** Whether what a line or a name asks for takes seconds; asks nobody, and never throws. */
  takesLong(line: string): boolean;
}

/** The one way to a command: finds it, checks the role, reads the input, runs it, and turns failures into AppErrors. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { commands } = options;
  return {
    call: async (name, input, caller) => {
      const { command } = findCommand(commands, [name.replaceAll(" ", "-")]);
      return perform(options, command, () => checkInput(command, input), caller);
    },
    text: async (line, caller) => {
      if (line.length > MAX_LINE) {
        const summary = `The line is too long: ${line.length} characters, at most ${MAX_LINE}.`;
        throw new AppError({ code: "bad-input", summary, hint: "Shorten it; a note holds 2,000 characters." });
      }
      const { command, rest } = findInLine(commands, line);
      return perform(options, command, () => readInput(command, rest), caller);
    },
    takesLong(line) {
      const verb = splitWords(line).find((word) => !/^\/?dr$/iu.test(word));
      return commands.some(({ name, slow }) => slow === true && name === verb?.toLowerCase().replace(/^\//u, ""));
    },
  };
}

const MAX_LINE = 4_000;

async function perform(
  options: DispatcherOptions,
  command: Command,
  input: () => unknown,
  caller: Caller,
): Promise<Answer> {
  const startedAt = performance.now();
  const done = (outcome: string) => options.observe?.(command.name, outcome, performance.now() - startedAt);
  try {
    checkRole(options, command, caller);
    const data = await command.run(input(), options.core, caller);
    const card = command.present(data, caller);
    done("done");
    return { command, data, card };
  } catch (error) {
    const known = error instanceof AppError ? error : unexpected(options, command, error, caller);
    done(known.code);
    // A refused write is a fact worth keeping, and so is a knock on a door without the key; a typo in a question is not.
    if (caller.roles.length === 0) options.core.turnedAway(caller.principal, known.code);
    else if (!command.readOnly || known.code === "not-allowed") {
      await options.core.refused(command.name, reportError(known), caller);
    }
    throw known;
  }
}

function checkRole({ directory }: DispatcherOptions, command: Command, caller: Caller): void {
  if (command.anybody || hasRole(caller, command.role)) return;
  if (caller.identity && caller.roles.length === 0) throw standsForNobody(caller.identity.system);
  const able = directory
    .list()
    .filter((one) => hasRole(one, command.role))
    .map(({ principal }) => principal);
  const who = able.length > 8 ? [...able.slice(0, 8), "others"] : able;
  throw new AppError({
    code: "not-allowed",
    summary: `"${command.name}" needs the role ${command.role}; ${caller.principal} has ${caller.roles.join(", ") || "none"}.`,
    hint: who.length > 0 ? `These may: ${who.join(", ")}.` : "Nobody has that role; add it to a principal.",
  });
}

function unexpected({ logger }: DispatcherOptions, command: Command, error: unknown, caller: Caller): AppError {
  const errorId = randomUUID().slice(0, 8);
  logger.error(
    { err: error, errorId, command: command.name, principal: caller.principal },
    "command failed unexpectedly",
  );
  return new AppError({
    code: "internal",
    summary: `Something went wrong inside Muster while it ran "${command.name}" (error ${errorId}).`,
    hint: `Ask "status" what state things are in, then try again. The log has the details under ${errorId}; please report it.`,
    cause: error,
  });
}
