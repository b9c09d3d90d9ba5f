import { AppError } from "../errors.ts";
import { type DomainEvent, eventSchemas, type NewDomainEvent } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { createBatches, type NextTurn, type Waiting } from "./batches.ts";
import type { Divergence, Remembered } from "./history.ts";
import { redact } from "./redact.ts";
import { createStanding, open } from "./standing.ts";
import type { JournalStore, NewEvent } from "./store.ts";
import type { Upcaster } from "./upcast.ts";

export interface Fence {
  lease: string;
  epoch: number;
}

/** The one way in which domains read and write their events. */
export interface Journal {
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
  /** What was loaded last, without asking the store, and when it last said that this is all (milliseconds). */
  known(): { state: AppState; at: number };
  /**
   * Throws `store-diverged` when the store does not hold what this instance, or whoever left the given tail, has seen
   * standing. Nothing can be loaded or written from then on, until `restart`.
   */
  compare(tail?: Remembered[]): Promise<void>;
  /** The latest events that this instance has seen standing, oldest first. */
  tail(count: number): Remembered[];
  divergence(): Divergence | undefined;
  /** As if this instance had found it itself. */
  hold(divergence: Divergence): void;
  /** Forgets everything and begins anew with what the store holds. */
  restart(): void;
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
const MAX_TOGETHER = 100;

interface Committed {
  events: DomainEvent[];
  state: AppState;
}
type Commit = Waiting<{ decide: (state: AppState) => NewDomainEvent[]; fence: Fence | undefined }, Committed>;
interface Part {
  commit: Commit;
  events: NewEvent[];
  error?: unknown;
}

export function createJournal(options: JournalOptions): Journal {
  const { store, application, instance, clock, fold, nextTurn } = options;
  const stream = `app/${application}`;
  const standing = createStanding(options, stream);

  /** What each wants to add, decided in turn as if what those before it want stood already. */
  function decideAll(batch: Commit[], before: AppState): Part[] {
    let ahead = before;
    return batch.map((commit, index) => {
      try {
        const events = commit.task.decide(ahead).map(prepare);
        // Nobody decides on what the last one adds before it stands.
        if (index < batch.length - 1) for (const event of events) ahead = fold(ahead, provisional(event, ahead));
        return { commit, events };
      } catch (error) {
        return { commit, events: [], error };
      }
    });
  }

  function provisional(event: NewEvent, { seq, version }: AppState): DomainEvent {
    const place = { stream, seq: seq + 1, version: version + 1, at: new Date(clock.now()).toISOString(), instance };
    return { ...event, ...place, previousHash: "", hash: "", text: "" } as DomainEvent;
  }

  /** One durable write for all of them; false when somebody else was first and all must decide again. */
  async function attempt(batch: Commit[]): Promise<boolean> {
    const before = await standing.load();
    const expectedHash = standing.hashOf(before.version);
    const parts = decideAll(batch, before);
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
    for (const { commit, events: own, error } of parts) {
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
    carryOut,
    ...(nextTurn && { nextTurn }),
  });

  return {
    ...standing,
    commit: (decide, { fence } = {}) => commitInTurn({ decide, fence }),
    read: async ({ after, limit }) =>
      (await store.read({ after, limit, stream })).map((event) => open(event, options.upcasters)),
    subscribe: (listener) => store.subscribe(listener),
  };
}

function isFenced(error: unknown): boolean {
  return error instanceof AppError && error.code === "fenced";
}

function prepare({ key, kind, actor, data }: NewDomainEvent): NewEvent {
  const parsed = eventSchemas[kind].safeParse(data);
  if (parsed.success) return { key, kind, actor, data: redact(parsed.data) };
  const places = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new AppError({
    code: "internal",
    summary: `An event ${kind} was about to be written with data of the wrong form (${places.join("; ")}).`,
    hint: "Nothing was written. This is a fault in Muster; please report it.",
    cause: parsed.error,
  });
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
