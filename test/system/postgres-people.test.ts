import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import { systemClock } from "../../src/clock.ts";
import { createCore, type Muster } from "../../src/create-core.ts";
import { sharedSessionSecret } from "../../src/http/session-secret.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { unlinkedCaller } from "../../src/people/identity.ts";
import { createRoster } from "../../src/people/roster.ts";
import { everybodyListed, tokenOf } from "../helpers/core.ts";
import { type Door, openDoor } from "../helpers/door.ts";
import { approver1, operator, verdictEvent } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { usePostgres } from "../helpers/use-postgres.ts";

interface Instance extends Muster {
  door: Door;
  store: JournalStore;
}

describe.skipIf(!postgresInstalled)("people among two instances on one PostgreSQL", () => {
  let server: PostgresServer;
  let database: string;
  let directory: string;
  let one: Instance;
  let two: Instance;
  usePostgres((started) => {
    server = started;
  });

  async function start(instance: string): Promise<Instance> {
    const store = await openPostgresStore({ url: server.url(database) });
    const muster = createCore({
      plan: makePlan({ failover: { steps: [makeStep("a")] } }),
      registry: createSwitchboard().registry,
      store,
      instance,
      clock: systemClock,
      logger: pino({ level: "silent" }),
      leaseMs: 2_000,
      requestTimeoutMs: 50,
      reportsDirectory: join(directory, instance),
      roster: createRoster(everybodyListed),
    });
    const sessionSecret = await sharedSessionSecret(store, systemClock);
    return { ...muster, store, door: await openDoor(muster.core, { directory: muster.directory, sessionSecret }) };
  }

  beforeEach(async () => {
    database = await server.createDatabase();
    directory = mkdtempSync(join(tmpdir(), "muster-people-"));
    // At the same moment: the tables and the sessions' secret are made by one of them.
    [one, two] = await Promise.all([start("one"), start("two")]);
  });
  afterEach(async () => {
    for (const { door, store } of [one, two]) {
      await door.close();
      await store.close();
    }
    await server.emptyDatabase(database);
    rmSync(directory, { recursive: true });
  });

  const press = ({ door }: Instance, who: string) => door.call("approve", { id: "ap-1" }, tokenOf(who));

  it("counts two people who press at the same instant on different instances, each once", async () => {
    await one.journal.commit(() => [verdictEvent("east", "healthy", 1), verdictEvent("west", "healthy", 2)]);
    await one.core.runs.propose("failover", { target: "west" }, operator);
    const answers = await Promise.all(
      [one, two, two, one].flatMap((instance) => ["approver-1", "approver-2"].map((who) => press(instance, who))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect([status, body.code]).toEqual([409, expect.stringMatching(/^(already-decided|approval-closed)$/)]);
    const approval = (await two.core.state()).approvals["ap-1"];
    expect(approval?.phase).toBe("granted");
    expect(approval?.decisions.map(({ principal }) => principal).toSorted()).toEqual(["approver-1", "approver-2"]);
    expect(await one.core.journal.query({ kind: "approval.decided" })).toHaveLength(2);
  });

  it("takes a token of one instance on the other, until it is revoked there", async () => {
    const { token, tokenId } = await one.core.tokens.create({}, operator);
    expect((await two.door.call("status", {}, token)).status).toBe(200);
    await two.core.tokens.revoke(tokenId, operator);
    expect((await one.door.call("status", {}, token)).status).toBe(401);
  });

  it("takes a link code once, sent to both at the same moment", async () => {
    const { code } = await one.core.links.offer(approver1);
    const redeem = ({ core }: Instance, account: string) =>
      core.links.redeem(code, unlinkedCaller({ system: "slack", account }));
    const outcomes = await Promise.allSettled([redeem(one, "U1"), redeem(two, "U2")]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const linked = await Promise.all(["U1", "U2"].map((account) => two.directory.byIdentity("slack", account)));
    expect(linked.filter((caller) => caller?.principal === "approver-1")).toHaveLength(1);
  });

  it("keeps a session of the control room when the next request reaches the other instance", async () => {
    const signedIn = await fetch(`${one.door.url}/session`, {
      method: "POST",
      body: new URLSearchParams({ token: tokenOf("operator") }),
      headers: { origin: one.door.url },
      redirect: "manual",
    });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    for (const { door } of [one, two]) expect((await fetch(door.url, { headers: { cookie } })).status).toBe(200);
  });
});
