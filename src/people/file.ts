import { z } from "zod";
import type { Role } from "../core.ts";
import type { Finding } from "../plans/problem.ts";
import { settingsFile } from "../plans/settings-file.ts";

/** The people file: who there is, what they may do, and the hashes of their tokens. Never a token itself. */

export const roles = ["observer", "operator", "approver", "commander"] as const satisfies readonly Role[];

const Token = z.strictObject({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: "must be the SHA-256 of the token: 64 digits and letters a to f" })
    .describe('Made by: printf %s "$TOKEN" | sha256sum.'),
  created: z.iso.datetime({ offset: true, error: "must be a moment" }).describe("As in 2030-01-31T09:00:00Z."),
  expires: z.iso
    .datetime({ offset: true, error: "must be a moment" })
    .optional()
    .describe("As in 2030-01-31T09:00:00Z."),
});

export const Person = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,62}$/, { error: "must be lower-case letters, digits, dots and dashes" })
    .describe("The name in the journal; it is never given to somebody else."),
  name: z.string().min(1).max(100).describe("The name for people."),
  roles: z.array(z.enum(roles)).min(1).describe("What this person may do."),
  tokens: z.array(Token).max(20).default([]).describe("One for each place that the person asks from."),
  identities: z
    .record(z.string(), z.string().min(1).max(200))
    .default({})
    .describe("Who the person is in other systems: slack: T012AB3CD/U012AB3CD."),
});
export type Person = z.infer<typeof Person>;

const PeopleFile = z.strictObject({
  people: z.array(Person).min(1).max(10_000).describe("Everybody who may ask for anything."),
});

export const peopleFile = settingsFile({
  what: "people file",
  schema: PeopleFile,
  findings: (_, written) => doubles(written),
  hint: "MUSTER_PEOPLE says which people file to use.",
});

/** What must belong to one person only, looked for in what can be understood of the file. */
const Written = z.looseObject({
  people: z.array(
    z.looseObject({
      id: z.string().catch(""),
      tokens: z.array(z.looseObject({ sha256: z.string().catch("") })).catch([]),
      identities: z.record(z.string(), z.string()).catch({}),
    }),
  ),
});

function doubles(value: unknown): Finding[] {
  const { data } = Written.safeParse(value);
  const taken = new Map<string, string>();
  const findings: Finding[] = [];
  const claim = (what: string, key: string, path: Finding["path"], message: string, hint: string) => {
    if (key === "") return;
    if (taken.has(`${what} ${key}`)) findings.push({ path, message, hint });
    taken.set(`${what} ${key}`, key);
  };
  for (const [index, { id, tokens, identities }] of (data?.people ?? []).entries()) {
    const path = ["people", index];
    claim(
      "id",
      id,
      [...path, "id"],
      `the id ${id} is used twice`,
      "Approvals count by id: give every person an own one.",
    );
    for (const [at, { sha256 }] of tokens.entries()) {
      const hint = "Nobody could tell who asks: give every person a token of their own.";
      claim("token", sha256, [...path, "tokens", at, "sha256"], "this token is listed twice", hint);
    }
    for (const [system, account] of Object.entries(identities)) {
      const message = `${system} ${account} is linked twice`;
      claim(system, account, [...path, "identities", system], message, "One account stands for one person.");
    }
  }
  return findings;
}
