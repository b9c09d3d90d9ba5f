import type { ErrorReport } from "../errors.ts";
import type { Divergence } from "../journal/history.ts";
import type { Lease } from "../journal/store.ts";

/** What a Muster process says of itself. */
export interface PresenceRecord {
  /** What its leases are held under. */
  holder: string;
  name: string;
  url: string;
  version: string;
  /** Where it runs, as its configuration says. */
  place?: string;
  startedAt: string;
  /** Its last heartbeat, by the store's clock. */
  seenAt: string;
}

/** One Muster process, as the others know it. */
export interface InstanceView extends Omit<PresenceRecord, "holder"> {
  alive: boolean;
  /** The one that answers. */
  self: boolean;
  /** What it drives: names of leases. */
  leases: string[];
}

export interface InstancesView {
  /** The name of the one that answers, and what its leases are held under. */
  instance: string;
  holder: string;
  instances: InstanceView[];
  leases: Lease[];
}

/** Whether what is shown is what stands. */
export type StoreStatus =
  | { state: "available" }
  | { state: "unavailable"; since: string; error: ErrorReport; asOf: string }
  | { state: "diverged"; divergence: Divergence; asOf: string };

/** Leases that only say that somebody is there. */
export const SLOT_PREFIX = "instance/";
const GONE_SHOWN_MS = 60 * 60 * 1000;

/** Those that live, and for an hour those that ended without a word and that no other has taken the place of. */
export function instanceViews(records: PresenceRecord[], leases: Lease[], holder: string, at: number): InstanceView[] {
  const all = records.map(({ holder: own, ...record }) => {
    const held = leases.filter((lease) => lease.holder === own).map(({ name }) => name);
    const alive = held.some((name) => name.startsWith(SLOT_PREFIX));
    const work = held.filter((name) => !name.startsWith(SLOT_PREFIX));
    return { ...record, alive, self: own === holder, leases: work };
  });
  return all
    .filter((one) => one.alive || !all.some((other) => other.alive && tookThePlaceOf(one, other)))
    .filter(({ alive, seenAt }) => alive || at - Date.parse(seenAt) < GONE_SHOWN_MS)
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** Started again at the same address of the same machine: what fell silent there is back, and nobody has to look. */
function tookThePlaceOf(gone: InstanceView, other: InstanceView): boolean {
  const machine = ({ name }: InstanceView) => name.split(":")[0];
  return gone.url === other.url && machine(gone) === machine(other) && gone.startedAt < other.startedAt;
}
