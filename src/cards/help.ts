import type { Command } from "../commands/command.ts";
import { fieldsOf, shortUsageOf, usageOf } from "../commands/fields.ts";
import type { Role } from "../core.ts";
import type { Card } from "./card.ts";

export interface CommandHelp {
  name: string;
  summary: string;
  usage: string;
  /** The same without what may be left out as a flag. */
  short: string;
  role: Role;
  readOnly: boolean;
  fields: { name: string; flag: string; description: string; required: boolean }[];
}

export function commandHelp(command: Command): CommandHelp {
  const { name, summary, role, readOnly } = command;
  const fields = fieldsOf(command).map((field) => ({
    name: field.name,
    flag: command.positionals.includes(field.name) ? `<${field.name}>` : field.flag,
    description: field.description,
    required: field.required,
  }));
  return { name, summary, usage: usageOf(command), short: shortUsageOf(command), role, readOnly, fields };
}

export function helpCard(list: CommandHelp[]): Card {
  const [only] = list;
  if (only && list.length === 1) {
    const title = `${only.name}: ${only.summary}`;
    return {
      title,
      status: "info",
      facts: [
        { label: "Usage", value: only.usage },
        { label: "Needs the role", value: only.role },
        { label: "Effect", value: only.readOnly ? "reads only" : "is journaled" },
      ],
      table: {
        columns: ["Field", "What it is"],
        rows: only.fields.map(({ flag, description, required }) => [
          flag,
          `${description}${required ? "" : " (optional)"}`,
        ]),
      },
      fallback: title,
    };
  }
  return {
    title: "Commands",
    status: "info",
    text: [
      '"help <verb>" shows the flags of one. Operators ask, approvers decide, a commander may do both; what needs no role, everybody may.',
    ],
    table: {
      columns: ["Command", "What it does", "Needs"],
      // What everybody may do needs no word, and flags have room under `help <verb>`.
      rows: list.map(({ short, summary, role }) => [short, summary, role === "observer" ? "" : role]),
    },
    fallback: `Commands: ${list.map(({ name }) => name).join(", ")}`,
  };
}
