import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { fieldsOf } from "../../src/commands/fields.ts";

it("lists every file of the folder, and each command under its file's name", () => {
  const files = readdirSync(new URL("../../commands/", import.meta.url))
    .filter((name) => name !== "index.ts")
    .map((name) => name.replace(".ts", "").replaceAll("-", " "));
  expect(commands.map(({ name }) => name).sort()).toEqual(files.sort());
});

it("gives positionals that the input has, and a description to every field", () => {
  for (const command of commands) {
    const fields = fieldsOf(command);
    for (const name of command.positionals) expect(fields.map((field) => field.name)).toContain(name);
    for (const field of fields) expect(field.description, `${command.name} ${field.name}`).not.toBe("");
  }
});

/** What somebody saw, what is theirs (tokens, accounts), and what they do in an incident, which permits nothing. */
const OWN = [
  "note",
  "role take",
  "role release",
  "handover",
  "handover accept",
  "handover decline",
  "checkin",
  "token create",
  "token revoke",
  "link",
  "unlink",
];

it("lets observers change nothing but what is their own; they may say what they saw", () => {
  const roles = Object.fromEntries(commands.map(({ name, role }) => [name, role]));
  for (const { name, readOnly, role } of commands)
    if (!readOnly && !OWN.includes(name)) expect(role, name).not.toBe("observer");
  expect(roles).toMatchObject({ failover: "operator", approve: "approver", deny: "approver" });
});

it("lets an account that stands for nobody read help and say who it is, and nothing else", () => {
  expect(commands.filter(({ anybody }) => anybody).map(({ name }) => name)).toEqual(["link", "help"]);
});

it("refuses unknown fields in every command", () => {
  for (const command of commands) expect(command.input.safeParse({ surprise: 1 }).success, command.name).toBe(false);
});
