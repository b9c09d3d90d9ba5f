import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditResult } from "../../src/core.ts";
import {
  approveFailover,
  eventually,
  executorOf,
  type Instance,
  openPlace,
  type Place,
  untilCompleted,
  untilPrimary,
  untilPromotion,
} from "../helpers/instances.ts";
import { type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { usePostgres } from "../helpers/use-postgres.ts";

const LEASE_MS = 3_000;
/** Time for a look at the lease, on a busy machine; the promise itself is the lease's time. */
const GRACE_MS = 3_000;

describe.skipIf(!postgresInstalled)("two instances on one PostgreSQL", () => {
  let server: PostgresServer;
  let place: Place;
  let env: { MUSTER_STORE: string; MUSTER_LEASE_MS: string };

  usePostgres((started) => {
    server = started;
  });
  beforeEach(async () => {
    env = { MUSTER_STORE: server.url(await server.createDatabase()), MUSTER_LEASE_MS: `${LEASE_MS}` };
    place = await openPlace();
  });
  afterEach(() => place.end());

  /** The first one drives everything, the second one stands by. */
  async function startBoth(): Promise<[Instance, Instance]> {
    const one = await place.start("one", env);
    await eventually("one drives", one.ready, (ready) => executorOf(ready) === "one", 10_000);
    const two = await place.start("two", env);
    await eventually(
      "two stands by",
      two.ready,
      ({ instances }) => instances.filter((i) => i.alive).length === 2,
      10_000,
    );
    return [one, two];
  }

  /** Nothing was intended, opened or decided twice, whoever did it. */
  async function expectOnce({ muster }: Instance): Promise<void> {
    const state = await muster.state();
    expect(Object.keys(state.incidents)).toEqual(["inc-1"]);
    expect(Object.keys(state.runs)).toEqual(["run-1"]);
    expect(state.active).toBe("eu-central");
    await untilPrimary(place.lab, "eu-central");
    expect(await muster.command<AuditResult>("observer", "audit verify", {})).toMatchObject({ ok: true });
    const verified = (await muster.events("step.verified")).map(({ data }) => (data as { stepId: string }).stepId);
    expect(new Set(verified).size).toBe(verified.length);
  }

  it("kill -9 of the one that drives: the other goes on within the lease, and finishes the run", async () => {
    const [one, two] = await startBoth();
    await approveFailover(one.muster, place.lab);
    await untilPromotion(two.muster);
    await one.kill();
    await eventually("two drives", two.ready, (ready) => executorOf(ready) === "two", LEASE_MS + GRACE_MS);
    // The lease may be over a moment before the heartbeat is.
    const isGone = (ready: Awaited<ReturnType<typeof two.ready>>) =>
      ready.instances?.some(({ name, alive }) => name === "one" && !alive) === true;
    const { instances } = await eventually("one is gone", two.ready, isGone, LEASE_MS + GRACE_MS);
    expect(instances).toMatchObject([
      { name: "one", alive: false },
      { name: "two", alive: true, self: true },
    ]);
    await untilCompleted(two.muster);
    await expectOnce(two);
    const who = new Set((await two.muster.events("step.verified")).map(({ instance }) => instance));
    expect([...who].sort()).toEqual(["one", "two"]);
  });

  it("an ordinary stop hands over at once, and is no silence", async () => {
    const [one, two] = await startBoth();
    await approveFailover(one.muster, place.lab);
    await untilPromotion(two.muster);
    expect(await one.stop()).toBe(0);
    // Far less than a lease: it was given back.
    await eventually("two drives", two.ready, (ready) => executorOf(ready) === "two", LEASE_MS / 2);
    await eventually("one is gone", two.ready, ({ instances }) => instances.every(({ name }) => name === "two"), 5_000);
    await untilCompleted(two.muster);
    await expectOnce(two);
  });

  it("one that was frozen and overtaken writes nothing and changes nothing when it wakes, and stands by", async () => {
    const [one, two] = await startBoth();
    await approveFailover(one.muster, place.lab);
    await untilPromotion(two.muster);
    one.freeze();
    await untilCompleted(two.muster);
    const { seq } = await two.muster.state();
    one.wake();
    await eventually(
      "one says so",
      async () => one.log(),
      (log) => /overtaken by another instance/.test(log),
      10_000,
    );
    expect(one.log()).toContain("lease lost; stepping back");
    await eventually("one stands by", one.ready, (ready) => ready.ready && executorOf(ready) === "two", 10_000);
    const after = await two.muster.command<{ seq: number; instance: string }[]>("observer", "journal", { after: seq });
    expect(after.filter(({ instance }) => instance === "one")).toEqual([]);
    await expectOnce(two);
  });
});
