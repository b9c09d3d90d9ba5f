import { AppError } from "../errors.ts";
import { type DomainEvent, eventSchemas, type NewDomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";
import type { JournalOptions } from "./journal.ts";
import { redact } from "./redact.ts";
import type { NewEvent } from "./store.ts";

/** What somebody wants to add, decided on one state. Pure; may throw AppError. */
export type Decide = (state: AppState) => NewDomainEvent[];

export interface Decided {
  events: NewEvent[];
  error?: unknown;
}

export interface Ahead {
  /** Each decided in turn, as if what those before it want stood already. */
  decideAll(wishes: Decide[], state: AppState): Decided[];
  /** The state as if all of that stood. */
  after(wishes: Decide[], state: AppState): AppState;
}

interface Known extends Decided {
  on: AppState;
  after?: AppState;
}

/** Decides on states that do not stand yet. What was decided on the very same state is not decided again. */
export function createAhead({ clock, instance, fold }: JournalOptions, stream: string): Ahead {
  const latest = new WeakMap<Decide, Known>();

  function decided(wish: Decide, on: AppState): Known {
    const before = latest.get(wish);
    if (before?.on === on) return before;
    const known = decideOn(wish, on);
    latest.set(wish, known);
    return known;
  }

  function decideOn(wish: Decide, on: AppState): Known {
    try {
      return { on, events: wish(on).map(prepare) };
    } catch (error) {
      return { on, events: [], error };
    }
  }

  function after(known: Known): AppState {
    if (known.after) return known.after;
    const at = new Date(clock.now()).toISOString();
    const place = { stream, at, instance, previousHash: "", hash: "", text: "" };
    known.after = known.events.reduce((state, event) => {
      const { seq, version } = state;
      return fold(state, { ...event, ...place, seq: seq + 1, version: version + 1 } as DomainEvent);
    }, known.on);
    return known.after;
  }

  return {
    decideAll(wishes, state) {
      let ahead = state;
      return wishes.map((wish, index) => {
        const known = decided(wish, ahead);
        // Whoever has to decide again decides by what time it is then.
        latest.delete(wish);
        // Nobody decides on what the last one adds before it stands.
        if (index < wishes.length - 1) ahead = after(known);
        return known;
      });
    },
    after: (wishes, state) => wishes.reduce((ahead, wish) => after(decided(wish, ahead)), state),
  };
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
