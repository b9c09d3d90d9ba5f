import { z } from "zod";
import type { Command } from "./command.ts";

/** One input field of a command, as its schema describes it: what usage, flags and help are made from. */
export interface Field {
  name: string;
  /** `--dry-run` for `dryRun`. */
  flag: string;
  type: "string" | "number" | "boolean" | "list";
  required: boolean;
  description: string;
  /** Takes the rest of the line, so that a note needs no quotes. Set with `.meta({ rest: true })`. */
  rest: boolean;
}

interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema & { rest?: boolean }>;
  required?: string[];
  description?: string;
  default?: unknown;
}

const cache = new WeakMap<Command, Field[]>();

/** Read from the JSON Schema rather than from zod's inner objects, which change between its versions. */
export function fieldsOf(command: Command): Field[] {
  const known = cache.get(command);
  if (known) return known;
  const schema = z.toJSONSchema(command.input, { io: "input" }) as JsonSchema;
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, property]): Field => ({
      name,
      flag: `--${kebab(name)}`,
      type: fieldType(property.type),
      required: schema.required?.includes(name) ?? false,
      description: property.description ?? "",
      rest: property.rest === true,
    }),
  );
  cache.set(command, fields);
  return fields;
}

/** `failover <region> [--reason <text>] [--dry-run]` */
export function usageOf(command: Command): string {
  return usageWith(command, fieldsOf(command));
}

/** `failover <region>`, `deny <id> --reason <text>`: one line of a list. */
export function shortUsageOf(command: Command): string {
  const kept = ({ name, required }: Field) => required || command.positionals.includes(name);
  return usageWith(command, fieldsOf(command).filter(kept));
}

function usageWith(command: Command, fields: Field[]): string {
  const positionals = command.positionals.map((name) => {
    const field = fields.find((one) => one.name === name);
    return field?.required === false ? `[${name}]` : `<${name}>`;
  });
  const flags = fields.filter(({ name }) => !command.positionals.includes(name)).map(flagUsage);
  return [command.name, ...positionals, ...flags].join(" ");
}

function flagUsage({ flag, type, required }: Field): string {
  const value = { boolean: "", number: " <number>", string: " <text>", list: " <text>" }[type];
  const text = `${flag}${value}${type === "list" ? "…" : ""}`;
  return required ? text : `[${text}]`;
}

function fieldType(type: string | undefined): Field["type"] {
  if (type === "boolean") return "boolean";
  if (type === "array") return "list";
  return type === "number" || type === "integer" ? "number" : "string";
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
