import { createHash, timingSafeEqual } from "node:crypto";
import type { Caller } from "../core.ts";
import { type Person, peopleFile, roles } from "./file.ts";
import { identityKey } from "./fold.ts";

/** Throws AppError `config-invalid`, as a FileError with every problem when the file can be read. */
export async function loadPeople(path: string): Promise<Person[]> {
  return (await peopleFile.load(path)).people;
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
