import type { JournalStore, Lease } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { pollMs } from "../workers/lease.ts";
import { type InstanceView, instanceViews, type PresenceRecord, SLOT_PREFIX } from "./views.ts";

export interface PresenceOptions {
  store: JournalStore;
  clock: Clock;
  logger: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  instance: string;
  holder: string;
  leaseMs: number;
  /** What else is done with every heartbeat. */
  onBeat(): Promise<void>;
}

export interface Presence {
  start(about: { url: string; version: string; place?: string }): void;
  /** Says goodbye: an instance that was stopped is not one that fell silent. */
  stop(): Promise<void>;
  /** As the last heartbeat saw them; what they hold is as the store says now, or as it said last. */
  read(): Promise<{ instances: InstanceView[]; leases: Lease[] }>;
}

/** More are not shown. */
const SLOTS = 16;
const RETRY_MS = 1_000;

/** Each instance holds a place in a short list, under a lease that it renews like any other. */
export function createPresence(options: PresenceOptions): Presence {
  const { store, clock, logger, instance, holder, leaseMs } = options;
  const ttlMs = leaseMs - pollMs(leaseMs);
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let slot: number | undefined;
  let records: PresenceRecord[] = [];
  let leases: Lease[] = [];
  let failing = false;

  const keyOf = (number: number) => `${SLOT_PREFIX}${number}`;

  async function readSlots(): Promise<(PresenceRecord | undefined)[]> {
    const texts = await Promise.all(Array.from({ length: SLOTS }, (_, index) => store.getRecord(keyOf(index + 1))));
    return texts.map((text) => (text === undefined ? undefined : (JSON.parse(text) as PresenceRecord)));
  }

  /** One's own old place first, then empty ones, then those of instances that are gone, the longest first. */
  async function takeSlot(): Promise<{ slot: number; lease: Lease } | undefined> {
    const found = await readSlots();
    const rank = (record: PresenceRecord | undefined) =>
      record === undefined ? 1 : record.name === instance ? 0 : Date.parse(record.seenAt);
    const numbers = found.map((record, index) => ({ number: index + 1, rank: rank(record) }));
    for (const { number } of numbers.sort((one, other) => one.rank - other.rank)) {
      const lease = await store.acquireLease(keyOf(number), holder, ttlMs);
      if (lease) return { slot: number, lease };
    }
    logger.warn({ instance }, `there are ${SLOTS} instances already; this one is not shown among them`);
    return undefined;
  }

  async function beat(about: Omit<PresenceRecord, "holder" | "name" | "seenAt">): Promise<void> {
    const own = slot === undefined ? undefined : await store.acquireLease(keyOf(slot), holder, ttlMs);
    const place = own && slot !== undefined ? { slot, lease: own } : await takeSlot();
    slot = place?.slot;
    if (place) {
      const seenAt = new Date(Date.parse(place.lease.expiresAt) - ttlMs).toISOString();
      const record: PresenceRecord = { ...about, holder, name: instance, seenAt };
      await store.setRecord(keyOf(place.slot), JSON.stringify(record), {
        lease: place.lease.name,
        epoch: place.lease.epoch,
      });
    }
    records = (await readSlots()).filter((record) => record !== undefined);
    leases = await store.leases();
    await options.onBeat();
  }

  async function loop(about: { url: string; version: string; place?: string }): Promise<void> {
    const startedAt = new Date(clock.now()).toISOString();
    while (!stopping.signal.aborted) {
      try {
        await beat({ ...about, startedAt });
        if (failing) logger.info({ instance }, "heartbeat again");
        failing = false;
      } catch (error) {
        if (!failing && !stopping.signal.aborted) logger.warn({ err: error }, "no heartbeat");
        failing = true;
      }
      await clock.sleep(failing ? RETRY_MS : ttlMs / 3, stopping.signal).catch(() => {});
    }
  }

  return {
    start(about) {
      running ??= loop(about);
    },
    async stop() {
      stopping.abort();
      await running;
      if (slot === undefined || failing) return;
      const lease = await store.acquireLease(keyOf(slot), holder, ttlMs).catch(() => undefined);
      if (!lease) return;
      await store.deleteRecord(keyOf(slot)).catch(() => {});
      await store.releaseLease(lease.name, holder, lease.epoch).catch(() => {});
    },
    async read() {
      leases = await store.leases().catch(() => leases);
      return { leases, instances: instanceViews(records, leases, holder, clock.now()) };
    },
  };
}
