import type { z } from "zod";
import { AppError } from "../errors.ts";
import { list } from "../format.ts";
import type { Command } from "./command.ts";
import { type Field, fieldsOf, usageOf } from "./fields.ts";
import { nearest } from "./suggest.ts";
import { splitWords, unsmartFlag } from "./words.ts";

export interface ParsedCall {
  command: Command;
  /** Checked against the command's schema, defaults filled in. */
  input: unknown;
}

/** A chat line, with or without `/dr` before it, to a checked call. Throws `unknown-command` or `bad-input`. */
export function parseText(commands: readonly Command[], line: string): ParsedCall {
  const { command, rest } = findInLine(commands, line);
  return { command, input: readInput(command, rest) };
}

/** The command of a chat line and the words after it; an empty line asks for help. */
export function findInLine(commands: readonly Command[], line: string): { command: Command; rest: readonly string[] } {
  const words = splitWords(line);
  const start = /^\/?dr$/i.test(words[0] ?? "") ? words.slice(1) : words;
  const { command, rest } = findCommand(commands, start.length === 0 ? ["help"] : start);
  const free = fieldsOf(command).find((field) => field.rest);
  // What is given before the free text, and flags, are words of their own.
  const before = free === undefined ? 0 : Math.max(0, command.positionals.indexOf(free.name));
  if (free === undefined || rest.length < before + 2) return { command, rest };
  // A free text keeps its quotes and spaces as they were typed.
  const verbs = words.length - rest.length + before;
  const text = line.replace(new RegExp(`^\\s*(?:\\S+\\s+){${verbs}}`), "").trim();
  return { command, rest: [...rest.slice(0, before), text] };
}

/** `given` is the input before the schema has read it, which is what another reader of the same schema must be sent. */
export function parseWords(
  commands: readonly Command[],
  words: readonly string[],
): ParsedCall & { given: Record<string, unknown> } {
  const { command, rest } = findCommand(commands, words);
  const given = readWords(command, rest);
  return { command, input: checkInput(command, given), given };
}

/** The words after the verb to checked input. */
export function readInput(command: Command, words: readonly string[]): unknown {
  return checkInput(command, readWords(command, words));
}

/** Two words first ("audit verify"), then one; `audit-verify` is the same as `audit verify`. */
export function findCommand(commands: readonly Command[], words: readonly string[]) {
  const [first = "", second = ""] = words.map((word) => word.toLowerCase());
  const byName = (name: string) => commands.find((command) => command.name === name);
  const two = byName(`${first} ${second}`);
  if (two) return { command: two, rest: words.slice(2) };
  const one = byName(first.replace(/^\//, "")) ?? byName(first.replaceAll("-", " "));
  if (one) return { command: one, rest: words.slice(1) };
  throw unknownCommand(commands, first, second);
}

function unknownCommand(commands: readonly Command[], first: string, second: string): AppError {
  const names = commands.map(({ name }) => name);
  const family = names.find((name) => name.startsWith(`${first} `));
  const guess = family ?? nearest(`${first} ${second}`.trim(), names) ?? nearest(first, names);
  return new AppError({
    code: "unknown-command",
    summary: first === "" ? "No command was given." : `There is no command "${first.slice(0, 60)}".`,
    hint: `${guess ? `Did you mean "${guess}"? ` : ""}"help" lists all commands.`,
  });
}

/** Words to raw values by field; types are still the schema's business, except that flags need their shape. */
function readWords(command: Command, words: readonly string[]): Record<string, unknown> {
  const fields = fieldsOf(command);
  const raw: Record<string, unknown> = {};
  const loose: string[] = [];
  const freeText = fields.some((field) => field.rest);
  let flagsEnded = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = unsmartFlag(words[index] ?? "");
    if (flagsEnded || !/^--?[a-zA-Z-]/.test(word) || (freeText && !isFlag(fields, word))) {
      loose.push(words[index] ?? "");
    } else if (word === "--") {
      flagsEnded = true;
    } else {
      const { field, value } = splitFlag(command, fields, word);
      const following = words[index + 1];
      if (field.type === "boolean") setField(command, raw, field, value ?? "true");
      else if (value !== undefined) setField(command, raw, field, value);
      else if (following !== undefined && !unsmartFlag(following).startsWith("--")) {
        setField(command, raw, field, following);
        index += 1;
      } else throw badInput(command, `${field.flag} needs a value.`);
    }
  }
  placePositionals(command, fields, raw, loose);
  return raw;
}

function isFlag(fields: Field[], word: string): boolean {
  return fields.some(({ flag }) => flag === word.split("=")[0]);
}

function splitFlag(command: Command, fields: Field[], word: string) {
  const [flag = "", ...parts] = word.split("=");
  const field = fields.find((one) => one.flag === flag.toLowerCase());
  if (field) return { field, value: parts.length > 0 ? parts.join("=") : undefined };
  const guess = nearest(
    flag,
    fields.map((one) => one.flag),
  );
  throw badInput(
    command,
    `"${command.name}" has no flag ${flag.slice(0, 60)}.${guess ? ` Did you mean ${guess}?` : ""}`,
  );
}

function setField(command: Command, raw: Record<string, unknown>, field: Field, value: string): void {
  const { name, type } = field;
  if (type === "list") {
    raw[name] = [...((raw[name] as string[] | undefined) ?? []), value];
    return;
  }
  if (name in raw) throw badInput(command, `${field.flag} was given twice.`);
  if (type === "string") raw[name] = value;
  else if (type === "number") raw[name] = toNumber(command, field, value);
  else if (value === "true" || value === "false") raw[name] = value === "true";
  else throw badInput(command, `${field.flag} is a switch: give it alone, or =true or =false.`);
}

function toNumber(command: Command, { flag }: Field, value: string): number {
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value);
  throw badInput(command, `${flag} must be a number, not "${value.slice(0, 60)}".`);
}

function placePositionals(command: Command, fields: Field[], raw: Record<string, unknown>, loose: string[]): void {
  const left = [...loose];
  for (const name of command.positionals) {
    const field = fields.find((one) => one.name === name);
    if (!field || left.length === 0 || name in raw) continue;
    const value = field.rest ? left.splice(0).join(" ") : (left.shift() ?? "");
    setField(command, raw, field, value);
  }
  if (left.length > 0) throw badInput(command, `"${left[0]?.slice(0, 60)}" is one word too many.`);
}

/** Checks raw values (from words or from a JSON body) against the schema; throws `bad-input` naming each field. */
export function checkInput(command: Command, raw: unknown): unknown {
  const result = command.input.safeParse(raw);
  if (result.success) return result.data;
  const fields = fieldsOf(command);
  throw badInput(
    command,
    result.error.issues
      .slice(0, 5)
      .map((issue) => explain(issue, fields, raw))
      .join(" "),
  );
}

function explain(issue: z.core.$ZodIssue, fields: Field[], raw: unknown): string {
  const name = String(issue.path[0] ?? "");
  const given = name === "" ? raw : (raw as Record<string, unknown>)[name];
  if (issue.code === "unrecognized_keys") {
    const known = fields.map((field) => field.name).join(", ") || "none";
    return `Unknown field ${issue.keys
      .slice(0, 5)
      .map((key) => `"${key.slice(0, 60)}"`)
      .join(", ")}; known: ${known}.`;
  }
  if (name === "") return "The input must be a JSON object.";
  if (issue.code === "invalid_type" && given === undefined) return `${name} is missing.`;
  if (issue.code === "too_big" && typeof given === "string") {
    return `${name} is too long: ${given.length} characters, at most ${issue.maximum}.`;
  }
  if (issue.code === "too_small" && typeof given === "string") return `${name} must not be empty.`;
  if (issue.code === "invalid_value") return `${name} must be one of ${list(issue.values.map(String), "or")}.`;
  // zod speaks of types and signs ("expected number to be <=1000").
  if (issue.code === "too_big" && typeof given === "number") return `${name} is ${given}, at most ${issue.maximum}.`;
  if (issue.code === "too_small" && typeof given === "number") return `${name} is ${given}, at least ${issue.minimum}.`;
  return `${name}: ${issue.message}.`;
}

function badInput(command: Command, summary: string): AppError {
  return new AppError({ code: "bad-input", summary, hint: `Usage: ${usageOf(command)}` });
}
