import { createHash, timingSafeEqual } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import { FileError } from "../plans/problem.ts";
import { largestFileBytes } from "../plans/source.ts";
import { checkPeople, type Person, roles } from "./file.ts";

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

export interface Directory {
  /** Whose token this is; undefined for an unknown or run-out one. */
  authenticate(token: string): Caller | undefined;
  byId(id: string): Caller | undefined;
  list(): Caller[];
}

const longestToken = 512;

export function createDirectory(people: readonly Person[], now: () => number = Date.now): Directory {
  const callers = new Map(people.map((person) => [person.id, callerOf(person)]));
  const tokens = people.flatMap((person) =>
    person.tokens.map(({ sha256, expires }) => ({
      principal: person.id,
      hash: Buffer.from(sha256, "hex"),
      expiresMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
    })),
  );
  return {
    authenticate(token) {
      if (token === "" || token.length > longestToken) return undefined;
      const hash = createHash("sha256").update(token).digest();
      // Every entry is compared, so that the time taken says nothing about which one nearly matched.
      const matches = tokens.filter((known) => timingSafeEqual(known.hash, hash));
      const valid = matches.find(({ expiresMs }) => now() < expiresMs);
      return valid && callers.get(valid.principal);
    },
    byId: (id) => callers.get(id),
    list: () => [...callers.values()],
  };
}

/** A caller's roles are flat: what follows from a role is listed beside it. */
function callerOf({ id, name, roles: listed }: Person): Caller {
  const all = roles.filter((role) => role === "observer" || listed.includes(role) || listed.includes("commander"));
  Object.freeze(all);
  return Object.freeze({ principal: id, name, roles: all });
}
