import { ownerOf } from "./sockets.ts";

/** One change that the world went through: of this resource, from one state to another. */
export interface Transition {
  resource: string;
  change: string;
  at: number;
}

/** The world's own record of what was done to it. Muster has no part in writing it. */
export interface Effects {
  transitions: Transition[];
  /** Requests that could have changed something, whether they did or not. */
  writes: { resource: string; at: number; by?: number }[];
  /**
   * Until it is called off, requests of this process are marked as made `by` it: one that was frozen and is awake.
   * Calling it off takes until that is known of all of them.
   */
  watch(pid: number): () => Promise<void>;
  changed(resource: string, from: string, to: string): void;
  /** `port` is the one that the request came from. Whoever is to answer it waits until it is known who asked. */
  asked(resource: string, port: number | undefined): Promise<void>;
}

export function createEffects(): Effects {
  const watched = new Set<number>();
  const looking = new Set<Promise<unknown>>();
  const effects: Effects = {
    transitions: [],
    writes: [],
    changed: (resource, from, to) =>
      void effects.transitions.push({ resource, change: `${from} → ${to}`, at: Date.now() }),
    watch(pid) {
      watched.add(pid);
      return async () => {
        watched.delete(pid);
        await Promise.all(looking);
      };
    },
    async asked(resource, port) {
      const write: Effects["writes"][number] = { resource, at: Date.now() };
      effects.writes.push(write);
      // To look is slow, and who sleeps asks nothing.
      if (watched.size === 0 || port === undefined) return;
      const look = ownerOf(port, [...watched]);
      looking.add(look);
      const by = await look;
      looking.delete(look);
      if (by !== undefined) write.by = by;
    },
  };
  return effects;
}

/** Every resource with its changes in their order: what two runs of one story must have in common. */
export function courses({ transitions }: Pick<Effects, "transitions">): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const { resource, change } of transitions) {
    all[resource] ??= [];
    all[resource].push(change);
  }
  return all;
}

export interface Difference {
  twice: string[];
  missing: string[];
}

/** What was changed more often, or less often, than in the expected course. */
export function compare(expected: Record<string, string[]>, actual: Record<string, string[]>): Difference {
  const twice: string[] = [];
  const missing: string[] = [];
  for (const resource of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const left = [...(expected[resource] ?? [])];
    for (const change of actual[resource] ?? []) {
      const index = left.indexOf(change);
      if (index < 0) twice.push(`${resource}: ${change}`);
      else left.splice(index, 1);
    }
    missing.push(...left.map((change) => `${resource}: ${change}`));
  }
  return { twice, missing };
}
