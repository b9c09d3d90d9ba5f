import { randomBytes, randomUUID } from "node:crypto";
import { AppError } from "../errors.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";

const RECORD = "session-secret";
const LEASE_MS = 5_000;
const AGAIN_AFTER_MS = 100;
const MOST_TRIES = 100;

/**
 * What session cookies are signed with: one for all instances on a store, so that a session works on each of them and
 * outlives a restart. Made by whoever comes first; the lease keeps two from making one each.
 */
export async function sharedSessionSecret(
  store: Pick<JournalStore, "getRecord" | "setRecord" | "acquireLease" | "releaseLease">,
  clock: Pick<Clock, "sleep">,
): Promise<string> {
  const holder = randomUUID();
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const known = await store.getRecord(RECORD);
    if (known !== undefined) return known;
    const lease = await store.acquireLease(RECORD, holder, LEASE_MS);
    if (!lease) {
      await clock.sleep(AGAIN_AFTER_MS);
      continue;
    }
    const fence = { lease: RECORD, epoch: lease.epoch };
    // Somebody may have made it between the look and the lease.
    if ((await store.getRecord(RECORD)) === undefined)
      await store.setRecord(RECORD, randomBytes(32).toString("hex"), fence);
    await store.releaseLease(RECORD, holder, lease.epoch);
  }
  throw new AppError({
    code: "store-unavailable",
    summary: "The secret of sessions could not be made: another instance has its lease and does not make it.",
    hint: "Start again; if it goes on, look at that instance.",
    retryable: true,
  });
}
