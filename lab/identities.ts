import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { PEOPLE } from "./world/definition.ts";
import { writeAtomically } from "./world/state.ts";

interface Person {
  id: string;
  identities?: Record<string, string>;
}

/** Gives the lab's people their accounts in an emulated chat; whoever was added to the file stays as they are. */
export function linkPeople(path: string, system: string, accountOf: (id: string) => string): void {
  const { people } = parse(readFileSync(path, "utf8")) as { people: Person[] };
  const known = new Set(PEOPLE.map(({ id }) => id));
  const linked = people.map((person) =>
    known.has(person.id) ? { ...person, identities: { ...person.identities, [system]: accountOf(person.id) } } : person,
  );
  writeAtomically(path, stringify({ people: linked }));
}
