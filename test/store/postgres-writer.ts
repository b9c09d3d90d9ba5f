import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../src/errors.ts";
import type { JournalStore, StoredEvent } from "../../src/journal/store.ts";
import { appendKeys } from "../contracts/journal-store-fixture.ts";

interface PersistOptions {
  until(written: number): boolean;
  onAcknowledged(event: StoredEvent): void;
}

/**
 * Appends to one stream as every writer does: again on its newest version when somebody else was first, and
 * the same fact again when the store was away. Nothing but a matter of time is forgiven.
 */
export async function persist(store: JournalStore, name: string, { until, onAcknowledged }: PersistOptions) {
  let expectedVersion = 0;
  for (let written = 0; !until(written); ) {
    try {
      const result = await appendKeys(store, [`${name}/${written}`], { expectedVersion, data: { written } });
      if (result.outcome === "fenced" || result.outcome === "diverged") throw new Error("This writer has no fence.");
      if (result.outcome === "conflict") expectedVersion = result.version;
      else {
        const event = result.outcome === "appended" ? result.events[0] : result.existing;
        if (event === undefined) throw new Error("Nothing was appended.");
        expectedVersion = event.version;
        written += 1;
        onAcknowledged(event);
      }
    } catch (error) {
      if (!(error instanceof AppError && error.code === "store-unavailable" && error.retryable)) throw error;
      await sleep(20);
    }
  }
}
