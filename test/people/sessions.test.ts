import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { systemClock } from "../../src/clock.ts";
import { sharedSessionSecret } from "../../src/http/session-secret.ts";
import { everybodyListed, tokenOf } from "../helpers/core.ts";
import { type Door, openDoor } from "../helpers/door.ts";
import { approver1, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { readStream } from "../http/server.ts";

let muster: TestMuster;
let door: Door;

beforeEach(async () => {
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
  door = await openDoor(muster.core, { directory: muster.people });
});

afterEach(async () => {
  await door.close();
  await muster.stop();
});

/** Signs in to the control room with a token; the cookie. */
async function signIn(token: string, { url } = door): Promise<string> {
  const response = await fetch(`${url}/session`, {
    method: "POST",
    body: new URLSearchParams({ token }),
    headers: { origin: url },
    redirect: "manual",
  });
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}
const roomWith = async (cookie: string, { url } = door) => (await fetch(url, { headers: { cookie } })).status;
const gone = (principal: string) => muster.roster.replace(everybodyListed.filter(({ id }) => id !== principal));

describe("a session in the control room", () => {
  it("ends at once when its person is taken out of the people file", async () => {
    const cookie = await signIn(tokenOf("approver-1"));
    expect(await roomWith(cookie)).toBe(200);
    gone("approver-1");
    expect(await roomWith(cookie)).toBe(401);
  });

  it("ends with the token that opened it, and no other one's", async () => {
    const { token, tokenId } = await muster.core.tokens.create({}, approver1);
    const [byOwn, byListed] = [await signIn(token), await signIn(tokenOf("approver-1"))];
    expect([await roomWith(byOwn), await roomWith(byListed)]).toEqual([200, 200]);
    await muster.core.tokens.revoke(tokenId, approver1);
    expect([await roomWith(byOwn), await roomWith(byListed)]).toEqual([401, 200]);
    muster.roster.replace(everybodyListed.map((one) => (one.id === "approver-1" ? { ...one, tokens: [] } : one)));
    expect(await roomWith(byListed)).toBe(401);
  });

  it("is not opened with a token that was revoked", async () => {
    const { token, tokenId } = await muster.core.tokens.create({}, operator);
    await muster.core.tokens.revoke(tokenId, operator);
    expect(await signIn(token)).toBe("");
  });
});

describe("a stream that stays open", () => {
  it.each([
    ["the journal's", "/api/v1/events"],
    ["the control room's", "/room/events"],
  ])("%s ends when the person behind it is gone", async (_, path) => {
    const cookie = await signIn(tokenOf("approver-1"));
    const stream = await fetch(`${door.url}${path}`, { headers: { cookie } });
    expect(stream.status).toBe(200);
    gone("approver-1");
    await muster.core.incidents.note("not for everybody's eyes", operator);
    expect(await readStream(stream, () => false)).not.toContain("not for everybody's eyes");
  });

  it("ends when its token is revoked", async () => {
    const { token, tokenId } = await muster.core.tokens.create({}, approver1);
    const stream = await fetch(`${door.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    await muster.core.tokens.revoke(tokenId, approver1);
    expect(await readStream(stream, () => false)).not.toContain("token.revoked");
  });
});

describe("the secret that sessions are signed with", () => {
  it("is one for all instances of a store, also when they start at the same moment, and outlives them", async () => {
    const ask = () => sharedSessionSecret(muster.store, systemClock);
    const secrets = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(await ask()).toBe(secrets[0]);
  });

  it("makes a session of one instance work on another, and not on one of another store", async () => {
    const secret = await sharedSessionSecret(muster.store, systemClock);
    const shared = { directory: muster.people, sessionSecret: secret };
    const [one, two] = [await openDoor(muster.core, shared), await openDoor(muster.core, shared)];
    const elsewhere = mkdtempSync(join(tmpdir(), "muster-other-"));
    const store = openSqliteStore({ directory: elsewhere });
    const foreign = await openDoor(muster.core, {
      ...shared,
      sessionSecret: await sharedSessionSecret(store, systemClock),
    });
    const cookie = await signIn(tokenOf("operator"), one);
    expect([await roomWith(cookie, one), await roomWith(cookie, two), await roomWith(cookie, foreign)]).toEqual([
      200, 200, 401,
    ]);
    for (const each of [one, two, foreign]) await each.close();
    await store.close();
    rmSync(elsewhere, { recursive: true });
  });
});
