import { createHash, timingSafeEqual } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import { FileError } from "../plans/problem.ts";
import { largestFileBytes } from "../plans/source.ts";
import { checkPeople, type Person, roles } from "./file.ts";
import { identityKey } from "./fold.ts";

/** Reads the people file. Throws AppError `config-invalid`, as a FileError with every problem when it can be read. */
export async function loadPeople(path: string): Promise<Person[]> {
  const refuse = (summary: string, cause?: unknown) =>
    new AppError({ code: "config-invalid", summary, hint: "MUSTER_PEOPLE says which people file to use.", cause });
  const found = await stat(path).catch((cause: unknown) => {
    throw refuse(`There is no people file ${path}.`, cause);
  });
  if (!found.isFile()) throw refuse(`${path} is not a file.`);
  if (found.size > largestFileBytes) throw refuse(`${path} is larger than ${largestFileBytes / 1024} KiB.`);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw refuse(`The people file ${path} cannot be read.`, cause);
  });
  const { people, problems } = checkPeople(text, path);
  if (people) return people;
  throw new FileError("config-invalid", path, problems);
}

/** A caller, and by what: so that what was begun with a token ends with it. */
export interface Recognised {
  caller: Caller;
  /** `token:<id>` or `file:<start of the hash>`. */
  credential: string;
}

/** What one people file says. */
export interface Directory {
  /** Whose token this is; undefined for an unknown or run-out one. */
  authenticate(token: string): Recognised | undefined;
  /** Does a credential that `authenticate` gave still hold? */
  holds(credential: string, principal: string): boolean;
  byId(id: string): Caller | undefined;
  byIdentity(system: string, account: string): Caller | undefined;
  list(): Caller[];
}

const longestToken = 512;

export function createDirectory(people: readonly Person[], now: () => number = Date.now): Directory {
  const callers = new Map(people.map((person) => [person.id, callerOf(person)]));
  const tokens = people.flatMap((person) =>
    person.tokens.map(({ sha256, expires }) => ({
      principal: person.id,
      credential: `file:${sha256.slice(0, 16)}`,
      hash: Buffer.from(sha256, "hex"),
      expiresMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
    })),
  );
  const accounts = new Map(
    people.flatMap(({ id, identities }) =>
      Object.entries(identities).map(([system, account]): [string, string] => [identityKey(system, account), id]),
    ),
  );
  return {
    authenticate(token) {
      if (token === "" || token.length > longestToken) return undefined;
      const hash = createHash("sha256").update(token).digest();
      // Every entry is compared, so that the time taken says nothing about which one nearly matched.
      const matches = tokens.filter((known) => timingSafeEqual(known.hash, hash));
      const valid = matches.find(({ expiresMs }) => now() < expiresMs);
      const caller = valid && callers.get(valid.principal);
      return caller && { caller, credential: valid.credential };
    },
    holds: (credential, principal) =>
      tokens.some((one) => one.credential === credential && one.principal === principal && now() < one.expiresMs),
    byId: (id) => callers.get(id),
    byIdentity: (system, account) => callers.get(accounts.get(identityKey(system, account)) ?? ""),
    list: () => [...callers.values()],
  };
}

/** A caller's roles are flat: what follows from a role is listed beside it. */
function callerOf({ id, name, roles: listed }: Person): Caller {
  const all = roles.filter((role) => role === "observer" || listed.includes(role) || listed.includes("commander"));
  Object.freeze(all);
  return Object.freeze({ principal: id, name, roles: all });
}
