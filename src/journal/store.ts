/**
 * The port to the database that holds the journal. One contract suite (test/contracts/journal-store.ts) says
 * what every adapter must do. Beside events the store holds only leases and small key-value records
 * (cursors, remote ids, hashed tokens): everything else is a fold over events.
 */

/** A fact that somebody wants to append. */
export interface NewEvent {
  /** Deterministic and unique in the whole store: a repeat of the same fact adds nothing. */
  key: string;
  kind: string;
  data: unknown;
  /** A principal's id, or `system:<worker>`. */
  actor: string;
}

/** A fact that stands. `text` is the exact stored text over which `hash` was taken. */
export interface StoredEvent extends NewEvent {
  /** 1, 2, 3 … over all streams, without gaps. */
  seq: number;
  stream: string;
  /** 1, 2, 3 … within the stream. */
  version: number;
  /** UTC, ISO 8601 with milliseconds. */
  at: string;
  instance: string;
  previousHash: string;
  hash: string;
  text: string;
}

/** The lease that must still be held with this epoch, looked at in the same transaction as the write. */
export interface Fence {
  lease: string;
  epoch: number;
}

export interface AppendRequest {
  stream: string;
  /** The stream's version that the decision was made on; 0 for an empty stream. */
  expectedVersion: number;
  /** The hash of the event of that version, as the writer knows it. */
  expectedHash?: string;
  events: NewEvent[];
  at: string;
  instance: string;
  fence?: Fence;
}

export type AppendResult =
  | { outcome: "appended"; events: StoredEvent[] }
  /** Somebody else wrote to the stream: load, decide and append again. */
  | { outcome: "conflict"; version: number }
  /** The stream has that version, of another history: the store lost events, or was restored. */
  | { outcome: "diverged"; hash: string }
  /** At least one key stands already; nothing of this request was written. */
  | { outcome: "duplicate"; existing: StoredEvent }
  /** The lease has a newer epoch: this instance must step back. */
  | { outcome: "fenced"; epoch: number };

export interface Lease {
  name: string;
  holder: string;
  /** Grows by one each time the lease changes hands (or is taken again after it ran out). */
  epoch: number;
  /** By the store's clock, ISO 8601. */
  expiresAt: string;
}

export interface Head {
  seq: number;
  hash: string;
}

export interface ReadRequest {
  /** Events with a greater sequence only; 0 for all. */
  after: number;
  /** At most this many; every read is bounded. */
  limit: number;
  stream?: string;
}

export interface JournalStore {
  append(request: AppendRequest): Promise<AppendResult>;
  /** In sequence order. */
  read(request: ReadRequest): Promise<StoredEvent[]>;
  findByKey(key: string): Promise<StoredEvent | undefined>;
  /** `{ seq: 0, hash: GENESIS_HASH }` when empty. */
  head(): Promise<Head>;
  /** Calls back soon after something was appended, by whomever; may call once for many. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void;

  /** Takes a free or run-out lease, or renews one's own. `undefined` while somebody else holds it. */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Gives a lease back at once; does nothing when it is no longer ours. */
  releaseLease(name: string, holder: string, epoch: number): Promise<void>;
  leases(): Promise<Lease[]>;

  getRecord(key: string): Promise<string | undefined>;
  setRecord(key: string, value: string, fence?: Fence): Promise<"written" | "fenced">;
  deleteRecord(key: string): Promise<void>;

  /** What kind of store it is, for the check of where it is. Missing where there is nothing to check. */
  describe?(): Promise<StoreDescription>;

  close(): Promise<void>;
}

export type StoreDescription =
  /** A file beside Muster: it does not survive its machine. */
  | { kind: "embedded" }
  | {
      kind: "server";
      /** For people, without credentials. */
      place: string;
      /** Which of the servers in its address takes the writes, from 0. */
      server: number;
      /** Those that follow it now, with how (`sync`, `quorum`, `async`, `potential`); absent when that cannot be seen. */
      standbys?: { name: string; state: string }[];
    };

/** The previous hash of the very first event. */
export const GENESIS_HASH = "0".repeat(64);
