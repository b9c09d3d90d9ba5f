import { AppError } from "../errors.ts";
import { type DomainEvent, isKnownKind } from "../events.ts";
import type { AppState } from "../state.ts";
import { checkSeal } from "./chain.ts";
import { createHistory, type Divergence, type Remembered } from "./history.ts";
import type { JournalOptions } from "./journal.ts";
import type { StoredEvent } from "./store.ts";
import { type Upcaster, upcastEvent } from "./upcast.ts";

/** What this instance has seen standing, and whether the store still holds it. */
export interface Seen {
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

/** What stands in the application's stream, folded. */
export interface Standing extends Seen {
  /** Brought up to date with the store. */
  load(): Promise<AppState>;
  /** Takes in what this instance itself has written. */
  advance(event: DomainEvent): void;
  current(): AppState;
  hashOf(version: number): string | undefined;
}

const LOAD_BATCH = 1_000;

export function createStanding(
  { store, clock, initial, fold, onDivergence, upcasters }: JournalOptions,
  stream: string,
): Standing {
  const history = createHistory(store, stream);
  let state = initial;
  let answeredAt = clock.now();
  let divergence: Divergence | undefined;
  /** Counts the beginnings, so that what was read before the latest one is not taken for news. */
  let beginning = 0;

  /** Skips what is folded already, so that loads which overlap come to the same state. */
  function advance(event: DomainEvent): void {
    if (event.seq <= state.seq) return;
    state = folded(state, event);
    history.remember(event);
  }

  function folded(before: AppState, event: DomainEvent): AppState {
    return isKnownKind(event.kind) ? fold(before, event) : { ...before, version: event.version, seq: event.seq };
  }

  async function load(): Promise<AppState> {
    for (;;) {
      if (divergence) throw divergedError(divergence);
      const begun = beginning;
      const askedAt = clock.now();
      const batch = await store.read({ after: state.seq, limit: LOAD_BATCH, stream });
      const [first] = batch;
      if (first && first.seq > state.seq && !(await history.isFollowedBy(first))) await compare();
      if (begun !== beginning) continue;
      answeredAt = Math.max(answeredAt, askedAt);
      for (const event of batch) advance(open(event, upcasters));
      if (batch.length === 0) return state;
    }
  }

  async function compare(tail?: Remembered[]): Promise<void> {
    if (divergence) throw divergedError(divergence);
    const begun = beginning;
    const found = await history.compare(tail);
    if (!found || begun !== beginning) return;
    const accepted = await onDivergence?.(found, foldThere);
    if (accepted && begun === beginning) restart();
    if (accepted) return;
    divergence = found;
    throw divergedError(found);
  }

  /** The state as the store has it, whatever this instance knows. */
  async function foldThere(): Promise<AppState> {
    let there = initial;
    for (;;) {
      const batch = await store.read({ after: there.seq, limit: LOAD_BATCH, stream });
      for (const event of batch) there = folded(there, open(event, upcasters));
      if (batch.length === 0) return there;
    }
  }

  function restart(): void {
    beginning += 1;
    divergence = undefined;
    state = initial;
    history.clear();
  }

  return {
    load,
    advance,
    compare,
    restart,
    current: () => state,
    hashOf: (version) => history.ofVersion(version)?.hash,
    known: () => ({ state, at: answeredAt }),
    tail: (count) => history.tail(count),
    divergence: () => divergence,
    hold(found) {
      divergence ??= found;
    },
  };
}

/** Nothing is decided on an event that was changed after it was written. */
export function open(stored: StoredEvent, upcasters?: ReadonlyMap<string, Upcaster>): DomainEvent {
  const reason = checkSeal(stored);
  if (reason !== undefined) {
    throw new AppError({
      code: "store-damaged",
      summary: `Event ${stored.seq} of the journal was changed after it was written: ${reason}.`,
      hint: "Run `dr audit verify` for the whole picture, and restore the journal from a backup.",
    });
  }
  return upcastEvent(stored, upcasters) as DomainEvent;
}

export function divergedError({ known, head, lost }: Divergence): AppError {
  return new AppError({
    code: "store-diverged",
    summary: `The store has lost what stood from event ${lost.from} to ${lost.to}: it ends at event ${head.seq}, and event ${known.seq} is not the one that was acknowledged.`,
    hint: 'Nothing runs until a person has looked. If the server that has the lost events can be brought back, do that. Else a commander goes on with what there is: store accept --reason "…".',
  });
}
