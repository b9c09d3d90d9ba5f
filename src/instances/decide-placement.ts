import type { StoreDescription } from "../journal/store.ts";
import type { PlacementFinding } from "./events.ts";
import type { InstanceView } from "./views.ts";

export interface PlacementSituation {
  /** The regions that the plan protects. */
  regions: string[];
  instances: Pick<InstanceView, "name" | "place" | "alive">[];
  store: StoreDescription;
  /** Of the servers of the store's address, in their order. */
  storePlaces: readonly string[];
}

/**
 * What would go down together with what is protected. Pure. Places are names; one that is a region of the plan is
 * inside it, any other is outside. What was not said counts as unknown, and is a finding too.
 */
export function placementFindings(situation: PlacementSituation): PlacementFinding[] {
  return [...instanceFindings(situation), ...storeFindings(situation)];
}

function finding(code: string, text: string, level: PlacementFinding["level"] = "warning"): PlacementFinding {
  return { code, level, text };
}

function instanceFindings({ regions, instances, store }: PlacementSituation): PlacementFinding[] {
  const alive = instances.filter((one) => one.alive);
  const places = new Set(alive.map(({ place }) => place));
  const found = alive.flatMap(({ name, place }) => {
    if (place === undefined) {
      return [finding("instance-place-unknown", `Where ${name} runs is not known: set MUSTER_PLACE.`, "unknown")];
    }
    if (!regions.includes(place)) return [];
    return [finding("instance-inside", `${name} runs in ${place}, which the plan protects, and goes down with it.`)];
  });
  if (store.kind === "embedded") return found;
  if (alive.length < 2) return [...found, finding("one-instance", "Only one instance runs; nobody goes on for it.")];
  const [only] = places;
  if (places.size > 1 || only === undefined) return found;
  return [...found, finding("one-place", `All instances run in ${only}; one fire takes them all.`)];
}

function storeFindings({ regions, store, storePlaces }: PlacementSituation): PlacementFinding[] {
  if (store.kind === "embedded") {
    const text = "The journal is an SQLite file: it does not survive this machine. MUSTER_STORE names a PostgreSQL.";
    return [finding("store-embedded", text)];
  }
  const place = storePlaces[store.server];
  return [...primaryFindings(store.place, place, regions), ...standbyFindings(store, place, regions, storePlaces)];
}

function primaryFindings(name: string, place: string | undefined, regions: string[]): PlacementFinding[] {
  if (place === undefined) {
    const text = `Where ${name} is is not known: set MUSTER_STORE_PLACES, one place for each of its servers.`;
    return [finding("store-place-unknown", text, "unknown")];
  }
  if (!regions.includes(place)) return [];
  return [
    finding("store-inside", `The store's primary is in ${place}, which the plan protects, and goes down with it.`),
  ];
}

function standbyFindings(
  { standbys }: Extract<StoreDescription, { kind: "server" }>,
  place: string | undefined,
  regions: string[],
  storePlaces: readonly string[],
): PlacementFinding[] {
  if (standbys === undefined) {
    const text = "Whether the store has a synchronous standby cannot be seen: GRANT pg_read_all_stats to its user.";
    return [finding("standby-unknown", text, "unknown")];
  }
  const synchronous = standbys.filter(({ state }) => state === "sync" || state === "quorum");
  if (synchronous.length === 0) {
    const text = "The store has no synchronous standby: what was acknowledged last is lost with its machine.";
    return [finding("no-synchronous-standby", text)];
  }
  const elsewhere = synchronous.filter(
    ({ name }) => storePlaces.includes(name) && name !== place && !regions.includes(name),
  );
  if (elsewhere.length > 0) return [];
  const unnamed = synchronous.filter(({ name }) => !storePlaces.includes(name)).map(({ name }) => name);
  if (unnamed.length > 0) {
    const text = `Where the standby ${unnamed.join(", ")} is is not known: its application_name must be its place.`;
    return [finding("standby-place-unknown", text, "unknown")];
  }
  const where = synchronous.map(({ name }) => name).join(", ");
  const text = `The synchronous standby is in ${where}: beside its primary, or in a region that the plan protects.`;
  return [finding("standby-inside", text)];
}
