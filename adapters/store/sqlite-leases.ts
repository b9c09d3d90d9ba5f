import type { DatabaseSync } from "node:sqlite";
import type { Fence, Lease } from "../../src/journal/store.ts";

export interface LeaseTable {
  acquire(name: string, holder: string, ttlMs: number): Lease | undefined;
  release(name: string, holder: string, epoch: number): void;
  /** Those that are held now. */
  held(): Lease[];
  /** The epoch that stands instead when the fence's lease is not held with its epoch any more. */
  fencedBy(fence: Fence | undefined): number | undefined;
}

interface Row {
  holder: string;
  epoch: number;
  expiresAtMs: number;
}

/** A released lease keeps its row, so that its epoch goes on growing. */
export function createLeaseTable(db: DatabaseSync, now: () => number): LeaseTable {
  const byName = db.prepare("SELECT holder, epoch, expires_at_ms AS expiresAtMs FROM leases WHERE name = ?");
  const put = db.prepare("INSERT OR REPLACE INTO leases (name, holder, epoch, expires_at_ms) VALUES (?, ?, ?, ?)");
  const end = db.prepare("UPDATE leases SET expires_at_ms = 0 WHERE name = ? AND holder = ? AND epoch = ?");
  const unexpired = db.prepare(
    "SELECT name, holder, epoch, expires_at_ms AS expiresAtMs FROM leases WHERE expires_at_ms > ? ORDER BY name LIMIT 1000",
  );
  const find = (name: string) => byName.get(name) as Row | undefined;

  return {
    acquire(name, holder, ttlMs) {
      const row = find(name);
      const held = row !== undefined && row.expiresAtMs > now();
      if (held && row.holder !== holder) return undefined;
      const epoch = held ? row.epoch : (row?.epoch ?? 0) + 1;
      const expiresAtMs = now() + ttlMs;
      put.run(name, holder, epoch, expiresAtMs);
      return { name, holder, epoch, expiresAt: new Date(expiresAtMs).toISOString() };
    },
    release: (name, holder, epoch) => void end.run(name, holder, epoch),
    held: () =>
      (unexpired.all(now()) as unknown as (Row & { name: string })[]).map(({ name, holder, epoch, expiresAtMs }) => ({
        name,
        holder,
        epoch,
        expiresAt: new Date(expiresAtMs).toISOString(),
      })),
    fencedBy(fence) {
      if (fence === undefined) return undefined;
      const row = find(fence.lease);
      const holds = row !== undefined && row.epoch === fence.epoch && row.expiresAtMs > now();
      return holds ? undefined : (row?.epoch ?? 0);
    },
  };
}
