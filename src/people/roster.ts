import type { Person } from "./file.ts";
import { createDirectory, type Directory } from "./people.ts";

/** The people file in force in this process: replaced as a whole, so that nobody sees half of a new one. */
export interface Roster {
  current(): Directory;
  people(): readonly Person[];
  replace(people: readonly Person[]): void;
}

export function createRoster(first: readonly Person[] = [], now?: () => number): Roster {
  let people = first;
  let directory = createDirectory(first, now);
  return {
    current: () => directory,
    people: () => people,
    replace: (next) => {
      directory = createDirectory(next, now);
      people = next;
    },
  };
}
