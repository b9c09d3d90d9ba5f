import { AppError } from "../errors.ts";
import type { DomainEvent, NewDomainEvent } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { createAhead, type Decide, type Decided } from "./ahead.ts";
import { createBatches, type NextTurn, type Waiting } from "./batches.ts";
import type { Divergence } from "./history.ts";
import { createStanding, open, type Seen } from "./standing.ts";
import type { Fence, JournalStore } from "./store.ts";
import type { Upcaster } from "./upcast.ts";

/** The one way in which domains read and write their events. */
export interface Journal extends Seen {
  /** The folded state of the application's stream, brought up to date with the store before it is returned. */
  load(): Promise<AppState>;
  /**
   * Load, decide, append; again when somebody else wrote meanwhile or a key stands already. `decide` is called
   * with a fresh state each time and must be pure; it may throw AppError, and no events is a fine answer.
   * Returns the events that stand and the state after them. Throws `fenced` when the lease was lost, and
   * `store-unavailable` when others kept writing.
   */
  commit(
    decide: (state: AppState) => NewDomainEvent[],
    options?: { fence?: Fence },
  ): Promise<{ events: DomainEvent[]; state: AppState }>;
  /** Events of the application in sequence order, those of kinds unknown to this version too; empty at the end. */
  read(request: { after: number; limit: number }): Promise<DomainEvent[]>;
  /** Calls back soon after something was appended, by whomever. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /**
   * Calls back right before something is written, with the state as it will be if that comes to stand. What is
   * committed until the event loop's next turn is written together with it, decided on it, and in one piece: both stand
   * or neither. On such a state one may look and commit; nothing may be done to the world.
   */
  foresee(listener: (ahead: AppState) => void): () => void;
}

export interface JournalOptions {
  store: JournalStore;
  application: string;
  /** This process, as its events name it. */
  instance: string;
  clock: Clock;
  initial: AppState;
  fold: (state: AppState, event: DomainEvent) => AppState;
  /**
   * Told before anybody else that the store holds another history, which `there` folds. Answers true when people have
   * accepted that one already; this journal then begins anew with it.
   */
  onDivergence?: (found: Divergence, there: () => Promise<AppState>) => Promise<boolean>;
  /** The event loop's next turn, unless turns are simulated. */
  nextTurn?: NextTurn;
  /** From older forms of events to the present ones; this version's unless a test has its own. */
  upcasters?: ReadonlyMap<string, Upcaster>;
}

const MAX_ATTEMPTS = 50;
const MAX_WAITING_COMMITS = 10_000;
const MAX_TOGETHER = 200;

interface Committed {
  events: DomainEvent[];
  state: AppState;
}
type Commit = Waiting<{ decide: Decide; fence: Fence | undefined }, Committed>;

export function createJournal(options: JournalOptions): Journal {
  const { store, application, instance, clock, nextTurn } = options;
  const stream = `app/${application}`;
  const standing = createStanding(options, stream);

  const ahead = createAhead(options, stream);
  const foreseeing = new Set<(ahead: AppState) => void>();

  /** Answers whether somebody was told, who may have asked for more to be written in the same breath. */
  function foretell(batch: Commit[]): boolean {
    if (foreseeing.size === 0 || standing.divergence()) return false;
    const now = standing.current();
    try {
      const then = ahead.after(wishes(batch), now);
      if (then === now) return false;
      for (const listener of foreseeing) listener(then);
      return true;
    } catch {
      // Whatever is wrong shows again when it is written, or on what stands, to somebody who can be told.
      return false;
    }
  }

  /** One durable write for all of them; false when somebody else was first and all must decide again. */
  async function attempt(batch: Commit[]): Promise<boolean> {
    const before = await standing.load();
    const expectedHash = standing.hashOf(before.version);
    const parts: Decided[] = ahead.decideAll(wishes(batch), before);
    const events = parts.flatMap((part) => part.events);
    const fence = batch[0]?.task.fence;
    const request = {
      stream,
      expectedVersion: before.version,
      ...(expectedHash !== undefined && { expectedHash }),
      events,
      at: new Date(clock.now()).toISOString(),
      instance,
    };
    const result =
      events.length === 0
        ? ({ outcome: "appended", events: [] } as const)
        : await store.append({ ...request, ...(fence && { fence }) });
    if (result.outcome === "fenced") throw fencedError(fence, result.epoch);
    if (result.outcome !== "appended") {
      await standing.compare();
      return false;
    }
    let from = 0;
    // Nobody is told of what was decided on before it stands.
    for (const [index, { events: own, error }] of parts.entries()) {
      const commit = batch[index] as Commit;
      // They were sealed a moment ago in this process: nothing to look for.
      const added = result.events.slice(from, from + own.length) as DomainEvent[];
      from += own.length;
      for (const event of added) standing.advance(event);
      if (error !== undefined) commit.reject(error);
      else commit.resolve({ events: added, state: standing.current() });
    }
    return true;
  }

  async function carryOut(batch: Commit[]): Promise<void> {
    if (batch.length > 1) {
      // Whatever one of them has against it, such as a key that stands, must not stop the others.
      if (await attempt(batch).catch((error) => isFenced(error) && Promise.reject(error))) return;
      for (const one of batch) await carryOut([one]).catch(one.reject);
      return;
    }
    for (let count = 0; count < MAX_ATTEMPTS; count++) if (await attempt(batch)) return;
    throw contendedError(application);
  }

  const commitInTurn = createBatches<Commit["task"], Committed>({
    maxWaiting: MAX_WAITING_COMMITS,
    maxTogether: MAX_TOGETHER,
    fits: (first, next) => first.fence?.lease === next.fence?.lease && first.fence?.epoch === next.fence?.epoch,
    foretell,
    carryOut,
    ...(nextTurn && { nextTurn }),
  });

  return {
    ...standing,
    // A function of its own for each call, so that what was decided is known by it.
    commit: (decide, { fence } = {}) => commitInTurn({ decide: (state) => decide(state), fence }),
    foresee(listener) {
      foreseeing.add(listener);
      return () => foreseeing.delete(listener);
    },
    read: async ({ after, limit }) =>
      (await store.read({ after, limit, stream })).map((event) => open(event, options.upcasters)),
    subscribe: (listener) => store.subscribe(listener),
  };
}

function isFenced(error: unknown): boolean {
  return error instanceof AppError && error.code === "fenced";
}

function wishes(batch: Commit[]): Decide[] {
  return batch.map(({ task }) => task.decide);
}

function fencedError(fence: Fence | undefined, epoch: number): AppError {
  return new AppError({
    code: "fenced",
    summary: `This instance no longer holds ${fence?.lease ?? "its lease"}: its epoch is ${fence?.epoch}, the store's is ${epoch}.`,
    hint: "Another instance goes on with the work; this one must step back.",
  });
}

function contendedError(application: string): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `Nothing could be written for ${application}: others wrote first, ${MAX_ATTEMPTS} times in a row.`,
    hint: "Try again; if it goes on, look for a worker that writes without end with `dr journal --follow`.",
    retryable: true,
  });
}
