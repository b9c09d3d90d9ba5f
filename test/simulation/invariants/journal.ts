import type { AppendRequest, Lease, StoredEvent } from "../../../src/journal/store.ts";

/** Kinds that only the holder of the executor's lease may write. */
const UNDER_LEASE = /^step\.(started|assessed|intended|applied|verified|accepted|failed)$|^run\.(started|completed)$/;

/** Who holds what, and what stands, kept beside the store: whatever it lets through is looked at once more. */
export interface JournalWatch {
  /** True when the lease has changed hands. */
  granted(lease: Lease): boolean;
  /** Why these events must not have been appended at this moment. */
  violation(events: readonly StoredEvent[], fence: AppendRequest["fence"], nowMs: number): string | undefined;
  /** Why this process, which holds its lease in this epoch or none, must send nothing to the world now. */
  holds(lease: string, holder: string, nowMs: number): boolean;
}

export function watchJournal(): JournalWatch {
  const leases = new Map<string, { holder: string; epoch: number; expiresAtMs: number }>();
  const keys = new Set<string>();
  const versions = new Map<string, number>();
  let last: Pick<StoredEvent, "seq" | "hash"> | undefined;

  function wrongPlace(event: StoredEvent): string | undefined {
    if (keys.has(event.key)) return `the key ${event.key} stands twice`;
    if (event.seq !== (last?.seq ?? 0) + 1) return `sequence ${event.seq} follows ${last?.seq ?? 0}`;
    if (last && event.previousHash !== last.hash) return `event ${event.seq} does not carry the hash before it`;
    const version = (versions.get(event.stream) ?? 0) + 1;
    if (event.version !== version)
      return `version ${event.version} of ${event.stream} is written instead of ${version}`;
    return undefined;
  }

  return {
    granted({ name, holder, epoch, expiresAt }) {
      const before = leases.get(name);
      leases.set(name, { holder, epoch, expiresAtMs: Date.parse(expiresAt) });
      return before !== undefined && before.holder !== holder;
    },
    holds(name, holder, nowMs) {
      const lease = leases.get(name);
      if (!lease?.holder.startsWith(`${holder}#`)) return false;
      return lease.expiresAtMs > nowMs;
    },
    violation(events, fence, nowMs) {
      if (fence) {
        const lease = leases.get(fence.lease);
        if (!lease || lease.epoch !== fence.epoch || lease.expiresAtMs <= nowMs) {
          return `epoch ${fence.epoch} of ${fence.lease} wrote ${events[0]?.kind} although ${lease?.epoch ?? 0} stands`;
        }
      }
      for (const event of events) {
        const wrong = wrongPlace(event);
        if (wrong !== undefined) return wrong;
        if (!fence && UNDER_LEASE.test(event.kind)) return `${event.kind} was written without a lease`;
        keys.add(event.key);
        versions.set(event.stream, event.version);
        last = event;
      }
      return undefined;
    },
  };
}
