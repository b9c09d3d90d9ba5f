import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditResult } from "../../src/core.ts";
import {
  approveFailover,
  eventually,
  executorOf,
  type Instance,
  openPlace,
  type Place,
  type Ready,
  untilCompleted,
  untilPrimary,
  untilPromotion,
} from "../helpers/instances.ts";
import { createPostgresHost, type PostgresHost, type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";

/** How long the store is away; half a minute was tried with MUSTER_TEST_OUTAGE_MS=30000. */
const OUTAGE_MS = Number(process.env.MUSTER_TEST_OUTAGE_MS ?? 8_000);
const SYNCHRONOUS = { synchronous_standby_names: "*" };
const ALONE = { synchronous_standby_names: "" };

describe.skipIf(!postgresInstalled)("the store of two instances, during a failover", () => {
  let host: PostgresHost;
  let primary: PostgresServer;
  let place: Place;
  let one: Instance;
  let two: Instance;

  beforeEach(async () => {
    host = createPostgresHost();
    place = await openPlace();
  });
  afterEach(async () => {
    await place.end();
    await host.dispose();
  });

  /** Two instances that know all of these servers. */
  async function startBoth(...servers: PostgresServer[]): Promise<void> {
    const database = await primary.createDatabase();
    const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(",");
    const env = { MUSTER_STORE: `postgres://postgres@${hosts}/${database}` };
    one = await place.start("one", env);
    two = await place.start("two", env);
  }

  const ready = async (...instances: Instance[]) => {
    for (const instance of instances)
      await eventually(`${instance.name} is ready`, instance.ready, (answer) => answer.ready, 30_000);
  };

  /** What was acknowledged before, in its order. */
  const notes = async ({ muster }: Instance) =>
    (await muster.events("note.added")).map(({ data }) => (data as { text: string }).text);

  async function expectWhole(instance: Instance): Promise<void> {
    expect(await instance.muster.command<AuditResult>("observer", "audit verify", {})).toMatchObject({ ok: true });
    expect((await instance.muster.state()).active).toBe("eu-central");
    await untilPrimary(place.lab, "eu-central");
  }

  async function failOver(to: PostgresServer): Promise<void> {
    await primary.kill();
    await to.query("SELECT pg_promote(true, 30)");
  }

  it("a restart costs nothing: the run finishes, and everything acknowledged is there", async () => {
    primary = await host.startServer();
    await startBoth(primary);
    await approveFailover(one.muster, place.lab);
    await one.muster.command("operator", "note", { text: "before" });
    await untilPromotion(one.muster);
    await primary.stop();
    await primary.start();
    await ready(one, two);
    await untilCompleted(two.muster);
    expect(await notes(two)).toEqual(["before"]);
    await expectWhole(two);
  });

  it("an outage is said everywhere, with the age of what is shown, and the run goes on after it", async () => {
    primary = await host.startServer();
    await startBoth(primary);
    await approveFailover(one.muster, place.lab);
    await one.muster.command("operator", "note", { text: "before" });
    await primary.kill();
    const until = performance.now() + OUTAGE_MS;
    const isAway = ({ reason, store }: Ready) => reason === "store-unavailable" && store.state === "unavailable";
    for (const instance of [one, two]) {
      const away = await eventually("it says so", instance.ready, isAway, 15_000);
      expect(away).toMatchObject({ ready: false, reason: "store-unavailable" });
      expect(away.store).toMatchObject({ state: "unavailable", since: expect.any(String), asOf: expect.any(String) });
      expect(away.instances.map(({ name }) => name)).toEqual(["one", "two"]);
      const status = await instance.muster.command<{ store: object; runs: object[] }>("observer", "status", {});
      expect(status).toMatchObject({ store: { state: "unavailable" }, runs: [{ runId: "run-1" }] });
      await sleep(1_500);
      const refused = await instance.muster.command("operator", "note", { text: "during" }).catch((error) => error);
      expect(refused).toMatchObject({
        code: "store-unavailable",
        summary: expect.stringContaining("unavailable since"),
      });
    }
    await sleep(Math.max(0, until - performance.now()));
    await primary.start();
    await ready(one, two);
    await untilCompleted(two.muster);
    expect(await notes(two)).toEqual(["before"]);
    await expectWhole(two);
  });

  it("a failover to its synchronous standby loses nothing that was acknowledged, and the run finishes", async () => {
    primary = await host.startServer(SYNCHRONOUS);
    const standby = await primary.startStandby(ALONE);
    await startBoth(primary, standby);
    await approveFailover(one.muster, place.lab);
    const acknowledged: string[] = [];
    for (let index = 0; index < 20; index++) {
      await one.muster.command("operator", "note", { text: `note ${index}` });
      acknowledged.push(`note ${index}`);
    }
    await untilPromotion(one.muster);
    await failOver(standby);
    await ready(one, two);
    await untilCompleted(two.muster);
    expect(await notes(two)).toEqual(acknowledged);
    await expectWhole(two);
  });

  it("a failover to a standby that lacks the last writes stops everybody, until a commander lets them go", async () => {
    primary = await host.startServer();
    const standby = await primary.startStandby();
    await startBoth(primary, standby);
    await approveFailover(one.muster, place.lab);
    await one.muster.command("operator", "note", { text: "kept" });
    const { rows } = await primary.query("SELECT pg_current_wal_lsn() AS lsn");
    await eventually(
      "the standby has it",
      () => standby.query("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS has", [rows[0]?.lsn]),
      (answer) => answer.rows[0]?.has === true,
      10_000,
    );
    // It receives nothing from now on, as over a link that is down.
    await standby.query("ALTER SYSTEM SET primary_conninfo = ''");
    await standby.query("SELECT pg_reload_conf()");
    await eventually(
      "the standby is cut off",
      () => primary.query("SELECT count(*)::int AS count FROM pg_stat_replication"),
      (answer) => answer.rows[0]?.count === 0,
      10_000,
    );
    await one.muster.command("operator", "note", { text: "lost" });
    await untilPromotion(one.muster);
    await failOver(standby);

    const hasStopped = ({ reason }: Ready) => reason === "store-diverged";
    for (const instance of [one, two]) {
      const answer = await eventually("it stops", instance.ready, hasStopped, 30_000);
      expect(answer).toMatchObject({ status: 503, ready: false, store: { state: "diverged" } });
      const refused = await instance.muster.command("operator", "note", { text: "no" }).catch((error) => error);
      expect(refused).toMatchObject({ code: "store-diverged", hint: expect.stringContaining("store accept") });
      const status = await instance.muster.command<{ store: object }>("observer", "status", {});
      expect(status).toMatchObject({ store: { state: "diverged" } });
    }
    await eventually("nobody works", two.ready, (answer) => executorOf(answer) === undefined, 10_000);
    const denied = await two.muster.command("operator", "store accept", { reason: "no" }).catch((error) => error);
    expect(denied).toMatchObject({ code: "not-allowed" });
    await two.muster.command("commander", "store accept", { reason: "the old primary is gone for good" });

    await ready(one, two);
    await untilCompleted(two.muster);
    const [accepted, ...more] = await two.muster.events("store.head-accepted");
    expect(more).toEqual([]);
    const keys = expect.arrayContaining([expect.stringMatching(/promote-target\/1\/intended/)]);
    const data = { reason: "the old primary is gone for good", lost: { keys } };
    expect(accepted).toMatchObject({ actor: "commander", data });
    expect(await notes(two)).toEqual(["kept"]);
    await expectWhole(two);
  });
});
