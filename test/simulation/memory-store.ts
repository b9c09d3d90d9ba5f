import { assertAppendable } from "../../adapters/store/bounds.ts";
import { AppError } from "../../src/errors.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import {
  type AppendRequest,
  type AppendResult,
  type Fence,
  GENESIS_HASH,
  type Head,
  type JournalStore,
  type Lease,
  type ReadRequest,
  type StoredEvent,
} from "../../src/journal/store.ts";

/** A journal in memory that keeps the whole contract; each call is one indivisible moment. */
export interface MemoryJournal {
  append(request: AppendRequest): AppendResult;
  read(request: ReadRequest): StoredEvent[];
  findByKey(key: string): StoredEvent | undefined;
  head(): Head;
  acquireLease(name: string, holder: string, ttlMs: number): Lease | undefined;
  releaseLease(name: string, holder: string, epoch: number): void;
  leases(): Lease[];
  getRecord(key: string): string | undefined;
  setRecord(key: string, value: string, fence?: Fence): "written" | "fenced";
  deleteRecord(key: string): void;
}

const MAX_READ_EVENTS = 10_000;
const MAX_RECORD_BYTES = 64 * 1024;

export function createMemoryJournal(nowMs: () => number): MemoryJournal {
  const events: StoredEvent[] = [];
  const streams = new Map<string, StoredEvent[]>();
  const byKey = new Map<string, StoredEvent>();
  const leases = new Map<string, { holder: string; epoch: number; expiresAtMs: number }>();
  const records = new Map<string, string>();

  const head = (): Head => {
    const last = events.at(-1);
    return { seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS_HASH };
  };

  /** The epoch that stands instead, when this one is not held any more. */
  const fencedBy = (fence: Fence | undefined): number | undefined => {
    if (!fence) return undefined;
    const lease = leases.get(fence.lease);
    const holds = lease !== undefined && lease.epoch === fence.epoch && lease.expiresAtMs > nowMs();
    return holds ? undefined : (lease?.epoch ?? 0);
  };

  return {
    head,
    findByKey: (key) => byKey.get(key),
    append(request) {
      assertAppendable(request);
      const epoch = fencedBy(request.fence);
      if (epoch !== undefined) return { outcome: "fenced", epoch };
      const existing = request.events.map(({ key }) => byKey.get(key)).find((one) => one !== undefined);
      if (existing) return { outcome: "duplicate", existing };
      const stream = streams.get(request.stream) ?? [];
      if (stream.length !== request.expectedVersion) return { outcome: "conflict", version: stream.length };
      const hash = stream.at(-1)?.hash ?? GENESIS_HASH;
      if (hash !== (request.expectedHash ?? hash)) return { outcome: "diverged", hash };
      const appended = seal(request, head());
      for (const event of appended) byKey.set(event.key, event);
      events.push(...appended);
      stream.push(...appended);
      streams.set(request.stream, stream);
      return { outcome: "appended", events: appended };
    },
    read({ after, limit, stream }) {
      const list = stream === undefined ? events : (streams.get(stream) ?? []);
      const from = firstAfter(list, after);
      return list.slice(from, from + Math.min(Math.max(limit, 0), MAX_READ_EVENTS));
    },
    acquireLease(name, holder, ttlMs) {
      const lease = leases.get(name);
      const held = lease !== undefined && lease.expiresAtMs > nowMs();
      if (held && lease.holder !== holder) return undefined;
      const epoch = held ? lease.epoch : (lease?.epoch ?? 0) + 1;
      const expiresAtMs = nowMs() + ttlMs;
      leases.set(name, { holder, epoch, expiresAtMs });
      return { name, holder, epoch, expiresAt: new Date(expiresAtMs).toISOString() };
    },
    releaseLease(name, holder, epoch) {
      const lease = leases.get(name);
      if (lease?.holder === holder && lease.epoch === epoch) lease.expiresAtMs = 0;
    },
    leases: () =>
      [...leases]
        .filter(([, { expiresAtMs }]) => expiresAtMs > nowMs())
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { holder, epoch, expiresAtMs }]) => {
          return { name, holder, epoch, expiresAt: new Date(expiresAtMs).toISOString() };
        }),
    getRecord: (key) => records.get(key),
    setRecord(key, value, fence) {
      if (Buffer.byteLength(value) > MAX_RECORD_BYTES) {
        throw new AppError({
          code: "too-large",
          summary: `The record ${key} is larger than ${MAX_RECORD_BYTES} bytes.`,
        });
      }
      if (fencedBy(fence) !== undefined) return "fenced";
      records.set(key, value);
      return "written";
    },
    deleteRecord: (key) => void records.delete(key),
  };
}

function seal(request: AppendRequest, head: Head): StoredEvent[] {
  const { stream, expectedVersion, at, instance } = request;
  let { seq, hash: previousHash } = head;
  return request.events.map((event, index) => {
    const version = expectedVersion + index + 1;
    const sealed = sealEvent({ seq: seq + 1, stream, version, at, instance, previousHash, event });
    ({ seq, hash: previousHash } = sealed);
    return sealed;
  });
}

/** Sequences only grow: the first place whose sequence is greater. */
function firstAfter(list: readonly StoredEvent[], after: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.seq ?? 0) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One handle on it, as an adapter gives it: what the contract suite is run on. */
export function openMemoryStore(journal: MemoryJournal, subscribers: Set<() => void>): JournalStore {
  const own = new Set<() => void>();
  let open = true;
  const call = async <T>(work: () => T): Promise<T> => {
    if (!open) throw new AppError({ code: "store-unavailable", summary: "The journal is closed." });
    return work();
  };
  return {
    async append(request) {
      const result = await call(() => journal.append(request));
      if (result.outcome === "appended" && result.events.length > 0) {
        for (const listener of [...subscribers]) setImmediate(() => subscribers.has(listener) && listener());
      }
      return result;
    },
    read: (request) => call(() => journal.read(request)),
    findByKey: (key) => call(() => journal.findByKey(key)),
    head: () => call(() => journal.head()),
    subscribe(listener) {
      const entry = () => listener();
      subscribers.add(entry);
      own.add(entry);
      return () => void subscribers.delete(entry);
    },
    acquireLease: (name, holder, ttlMs) => call(() => journal.acquireLease(name, holder, ttlMs)),
    releaseLease: (name, holder, epoch) => call(() => journal.releaseLease(name, holder, epoch)),
    leases: () => call(() => journal.leases()),
    getRecord: (key) => call(() => journal.getRecord(key)),
    setRecord: (key, value, fence) => call(() => journal.setRecord(key, value, fence)),
    deleteRecord: (key) => call(() => journal.deleteRecord(key)),
    async close() {
      open = false;
      for (const entry of own) subscribers.delete(entry);
    },
  };
}
