import { describe, expect, it } from "vitest";
import { type PlacementSituation, placementFindings } from "../../src/instances/decide-placement.ts";

const instance = (name: string, place?: string, alive = true) => ({
  name,
  alive,
  ...(place !== undefined && { place }),
});

/** Two instances and a store outside the regions, with a synchronous standby in another place. */
const good: PlacementSituation = {
  regions: ["east", "west"],
  instances: [instance("one", "place-1"), instance("two", "place-2")],
  store: { kind: "server", place: "PostgreSQL db", server: 0, standbys: [{ name: "place-2", state: "sync" }] },
  storePlaces: ["place-1", "place-2"],
};
const server = (more: object) => ({ store: { ...good.store, ...more } as PlacementSituation["store"] });

describe("where Muster and its store are", () => {
  it("has nothing against two instances and a replicated store outside of what they protect", () => {
    expect(placementFindings(good)).toEqual([]);
    expect(placementFindings({ ...good, ...server({ standbys: [{ name: "place-2", state: "quorum" }] }) })).toEqual([]);
  });

  it.each<[string, Partial<PlacementSituation>, string, "warning" | "unknown"]>([
    [
      "an instance inside a region",
      { instances: [instance("one", "east"), instance("two", "x")] },
      "instance-inside",
      "warning",
    ],
    [
      "an instance somewhere",
      { instances: [instance("one"), instance("two", "x")] },
      "instance-place-unknown",
      "unknown",
    ],
    ["one instance", { instances: [instance("one", "x"), instance("two", "y", false)] }, "one-instance", "warning"],
    ["all in one place", { instances: [instance("one", "x"), instance("two", "x")] }, "one-place", "warning"],
    ["a primary inside a region", { storePlaces: ["west", "place-2"] }, "store-inside", "warning"],
    [
      "a primary inside a region after a failover",
      { ...server({ server: 1, standbys: [{ name: "place-1", state: "sync" }] }), storePlaces: ["place-1", "west"] },
      "store-inside",
      "warning",
    ],
    ["a primary somewhere", { storePlaces: [] }, "store-place-unknown", "unknown"],
    ["no standby", server({ standbys: [] }), "no-synchronous-standby", "warning"],
    [
      "an asynchronous standby",
      server({ standbys: [{ name: "place-2", state: "async" }] }),
      "no-synchronous-standby",
      "warning",
    ],
    ["standbys that may not be seen", server({ standbys: undefined }), "standby-unknown", "unknown"],
    [
      "a standby beside its primary",
      server({ standbys: [{ name: "place-1", state: "sync" }] }),
      "standby-inside",
      "warning",
    ],
    [
      "a standby inside a region",
      { ...server({ standbys: [{ name: "east", state: "sync" }] }), storePlaces: ["place-1", "east"] },
      "standby-inside",
      "warning",
    ],
    [
      "a standby somewhere",
      server({ standbys: [{ name: "walreceiver", state: "sync" }] }),
      "standby-place-unknown",
      "unknown",
    ],
  ])("names %s", (_, change, code, level) => {
    const found = placementFindings({ ...good, ...change });
    expect(found).toContainEqual({ code, level, text: expect.stringMatching(/\.$/) });
  });

  it("says of the embedded store that it does not survive its machine, and asks for no second instance", () => {
    const alone = { ...good, store: { kind: "embedded" } as const, instances: [instance("one", "outside")] };
    expect(placementFindings(alone).map(({ code }) => code)).toEqual(["store-embedded"]);
  });
});
