import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Divergence } from "../journal/history.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { AppState } from "../state.ts";

export interface DivergenceOptions {
  store: Pick<JournalStore, "getRecord" | "setRecord" | "deleteRecord">;
  application: string;
  instance: string;
  /** Late, because the journal is made with this. */
  journal(): Journal;
  logger: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface DivergenceKeeper {
  /** Puts the halt into the store, for all instances, before anybody can go on. */
  onDivergence(found: Divergence, there: () => Promise<AppState>): Promise<boolean>;
  /** May nobody work? Asked with every lease that is taken. */
  isHalted(): Promise<boolean>;
  /** Takes note of what other instances found or accepted. */
  look(): Promise<void>;
  accept(reason: string, caller: Pick<Caller, "principal">): Promise<Divergence>;
}

type Found = Divergence & { foundBy: string };

/** What is done about a store that lost acknowledged events: everybody stops, until a person accepts it. */
export function createDivergenceKeeper(options: DivergenceOptions): DivergenceKeeper {
  const { store, application, instance, logger } = options;
  const RECORD = `diverged/${application}`;
  let accepting = false;

  async function recorded(): Promise<Found | undefined> {
    const text = await store.getRecord(RECORD);
    return text === undefined ? undefined : (JSON.parse(text) as Found);
  }

  return {
    async onDivergence(found, there) {
      const { acceptedLosses } = await there();
      // An instance that was away meanwhile knows a part of what people have let go.
      if (acceptedLosses.some(({ from, to }) => from <= found.lost.from && found.lost.to <= to)) {
        logger.warn({ ...found }, "the store lost events that were let go; going on with what it holds");
        return true;
      }
      const before = await recorded();
      if (!before || before.known.seq < found.known.seq) {
        await store.setRecord(RECORD, JSON.stringify({ ...found, foundBy: instance } satisfies Found));
      }
      logger.error({ ...found }, "the store has lost acknowledged events; nothing runs until a person accepts that");
      return false;
    },

    isHalted: async () => (await recorded()) !== undefined,

    async look() {
      if (accepting) return;
      const journal = options.journal();
      // Looked at first: whoever finds a divergence itself records it before it is known here.
      const known = journal.divergence();
      const found = await recorded();
      if (accepting) return;
      if (found && !known) journal.hold(found);
      if (!found && known) journal.restart();
    },

    async accept(reason, { principal }) {
      const journal = options.journal();
      const found = await recorded();
      if (!found) throw nothingLost();
      accepting = true;
      try {
        journal.restart();
        const { foundBy, known, head, lost } = found;
        const key = `store/head-accepted/${known.seq}/${known.hash.slice(0, 16)}`;
        const data = { known, head, lost, foundBy, reason };
        await journal.commit((state) =>
          state.acceptedLosses.some((one) => one.known.hash === known.hash)
            ? []
            : [{ key, kind: "store.head-accepted", actor: principal, data }],
        );
        await store.deleteRecord(RECORD);
        return found;
      } catch (error) {
        journal.hold(found);
        throw error;
      } finally {
        accepting = false;
      }
    },
  };
}

function nothingLost(): AppError {
  return new AppError({
    code: "wrong-state",
    summary: "The store holds everything that was acknowledged; there is nothing to accept.",
    hint: 'See "status".',
  });
}
