import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dr } from "../cli/run.ts";
import { createFakeCore, everybodyListed, person, tokenOf } from "../helpers/core.ts";
import { type Door, openDoor } from "../helpers/door.ts";
import { approver1, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { startHttp } from "../http/server.ts";

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

const make = async (caller = operator, more: { for?: string; lifetimeMs?: number } = {}) =>
  muster.core.tokens.create(more, caller);
const statusWith = (token: string) => door.call("status", {}, token);

describe("a token that a person makes", () => {
  it("lets that person in, over HTTP, beside the tokens of the people file", async () => {
    const { body } = await door.call("token-create", { name: "laptop" }, tokenOf("operator"));
    const made = body.data as { token: string; tokenId: string; principal: string; expiresAt: string };
    expect(made).toMatchObject({ tokenId: "tk-1", principal: "operator", name: "laptop", status: "active" });
    const days = (Date.parse(made.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
    expect((await statusWith(made.token)).status).toBe(200);
    expect((await muster.people.authenticate(made.token))?.caller.principal).toBe("operator");
    expect((await statusWith(tokenOf("operator"))).status).toBe(200);
  });

  it("is kept as a hash only: not in the journal, not in the store's records, not in a list", async () => {
    const { token, tokenId } = await make();
    // The secret itself may hold an underscore.
    const secret = token.slice(-43);
    await door.call("note", { text: `I pasted ${token} here` }, token);
    await door.call("token-revoke", { id: token }, token);
    const events = await muster.journal.read({ after: 0, limit: 1_000 });
    expect(events.map(({ kind }) => kind)).toContain("note.added");
    expect(events.map(({ text }) => text).join("\n")).not.toContain(secret);
    expect(await muster.store.getRecord(`token/${tokenId}`)).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(await muster.core.tokens.list({}, commander))).not.toContain(secret);
    expect(JSON.stringify(await muster.core.state())).not.toContain(secret);
  });

  it.each(["", "x", "mst_1_", "mst_2_short"])("is nothing like %j", async (text) => {
    await make();
    expect(await muster.people.authenticate(text)).toBeUndefined();
  });

  it("is not known by its number and another secret", async () => {
    const { token } = await make();
    const last = token.endsWith("A") ? "B" : "A";
    expect(await muster.people.authenticate(`${token.slice(0, -1)}${last}`)).toBeUndefined();
    expect(await muster.people.authenticate(token.replace("mst_1_", "mst_2_"))).toBeUndefined();
    expect((await muster.core.journal.query({ kind: "token.refused" })).length).toBe(0);
  });

  it("ends at its time, and its use after that is told once an hour", async () => {
    const { token } = await make(operator, { lifetimeMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let count = 0; count < 3; count++) {
      const { status, body } = await statusWith(token);
      expect([status, body.code]).toEqual([401, "not-authenticated"]);
      expect(body.summary).toMatch(/^This token \(tk-1\) expired at /);
    }
    const told = await muster.core.journal.query({ kind: "token.refused" });
    expect(told.map(({ data }) => data)).toEqual([{ tokenId: "tk-1", principal: "operator", reason: "expired" }]);
  });

  it("ends at once when it is revoked, on another instance too, and a repeat changes nothing", async () => {
    const { token, tokenId } = await make();
    expect((await statusWith(token)).status).toBe(200);
    await muster.core.tokens.revoke(tokenId, operator);
    await muster.core.tokens.revoke(tokenId, operator);
    const { status, body } = await statusWith(token);
    expect([status, body.summary]).toEqual([401, expect.stringMatching(/^This token \(tk-1\) was revoked at /)]);
    const kinds = (await muster.core.journal.query({ kind: "token" })).map(({ kind }) => kind);
    expect(kinds).toEqual(["token.created", "token.revoked", "token.refused"]);
  });

  it("is worth nothing when its person is not in the people file any more", async () => {
    const { token } = await make();
    muster.roster.replace(everybodyListed.filter(({ id }) => id !== "operator"));
    const { status, body } = await statusWith(token);
    expect([status, body.summary]).toEqual([401, expect.stringContaining("not in the people file any more")]);
  });

  it("has the roles that its person has now, not those of when it was made", async () => {
    const { token } = await make();
    const demoted = everybodyListed.map((one) =>
      one.id === "operator" ? { ...one, roles: ["observer" as const] } : one,
    );
    muster.roster.replace(demoted);
    expect((await door.call("failover", { region: "west" }, token)).body.code).toBe("not-allowed");
  });
});

describe("whose tokens one may touch", () => {
  it("is one's own; a commander may make, see and revoke those of others", async () => {
    await make(operator);
    await make(approver1);
    const refused = { code: "not-allowed" };
    await expect(make(operator, { for: "approver-1" })).rejects.toMatchObject(refused);
    await expect(muster.core.tokens.list({ for: "approver-1" }, operator)).rejects.toMatchObject(refused);
    await expect(muster.core.tokens.revoke("tk-2", operator)).rejects.toMatchObject(refused);
    expect((await muster.core.tokens.list({}, operator)).map(({ tokenId }) => tokenId)).toEqual(["tk-1"]);
    expect((await make(commander, { for: "approver-1" })).principal).toBe("approver-1");
    const all = await muster.core.tokens.list({}, commander);
    expect(all.map(({ tokenId, principal }) => `${tokenId} ${principal}`)).toEqual([
      "tk-3 approver-1",
      "tk-2 approver-1",
      "tk-1 operator",
    ]);
    expect(await muster.core.tokens.list({ for: "operator" }, commander)).toHaveLength(1);
    expect((await muster.core.tokens.revoke("tk-1", commander)).status).toBe("revoked");
  });

  it.each([
    ["for nobody who is in the file", "token-create", { for: "ghost" }, 404, "unknown-principal"],
    ["for a year too long", "token-create", { expires: "2000d" }, 400, "bad-input"],
    ["for no time", "token-create", { expires: "1s" }, 400, "bad-input"],
    ["for a time that is none", "token-create", { expires: "soon" }, 400, "bad-input"],
    ["without a name's letters", "token-create", { name: "  " }, 400, "bad-input"],
    ["of an id that is none", "token-revoke", { id: "tk-99" }, 404, "not-found"],
    ["of no id", "token-revoke", {}, 400, "bad-input"],
  ])("%s is refused, with what to do next, and writes no token", async (_, command, input, status, code) => {
    const answer = await door.call(command, input, tokenOf("commander"));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((answer.body as { hint?: string }).hint).not.toBe("");
    expect((await muster.core.state()).people.tokens).toEqual({});
  });

  it("is bounded: twenty that hold at a time", async () => {
    for (let count = 0; count < 20; count++) await make();
    await expect(make()).rejects.toMatchObject({ code: "wrong-state" });
    await muster.core.tokens.revoke("tk-1", operator);
    expect((await make()).tokenId).toBe("tk-21");
  });
});

describe("a secret that is shown once", () => {
  const KEY = { "idempotency-key": "make-1" };

  it("is not kept for repeats: they learn that it was done, also at the same moment", async () => {
    const press = () => door.call("token-create", {}, tokenOf("operator"), KEY);
    const answers = await Promise.all([press(), press(), press()]);
    answers.push(await press());
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    const { token } = made[0]!.body.data as { token: string };
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect(JSON.stringify(others)).not.toContain(token);
    expect(Object.keys((await muster.core.state()).people.tokens)).toEqual(["tk-1"]);
  });

  it("is not in what notifications repeat, nor on the control room's next page", async () => {
    const core = createFakeCore();
    const { as, browser } = startHttp(core);
    const { card, data } = (await (await as("operator").post("/api/v1/commands/token-create", {})).json()) as {
      card: { fallback: string; title: string };
      data: { token: string };
    };
    expect(`${card.fallback} ${card.title}`).not.toContain(data.token);
    const room = await browser("operator");
    const shown = await (await room.form("/say", { text: "token create" })).text();
    const [token = ""] = /mst_2_[\w-]{43}/.exec(shown) ?? [];
    expect(token).not.toBe("");
    expect(await (await room.get("/")).text()).not.toContain(token);
  });

  it("is printed by the CLI with how to keep it out of the shell's history", async () => {
    const { out, code } = await dr(["token", "create", "--name", "laptop", "--expires", "12h"], createFakeCore());
    expect(code).toBe(0);
    expect(out).toMatch(/mst_1_[\w-]{43}/);
    expect(out.replaceAll(/\s+/g, " ")).toContain("read -rs MUSTER_TOKEN && export MUSTER_TOKEN");
    expect(out).not.toContain("export MUSTER_TOKEN=");
  });
});

it("lists for people what holds and what does not, and who made it", async () => {
  const core = createFakeCore();
  await core.tokens.create({ name: "laptop" }, person("operator"));
  await core.tokens.create({ for: "operator" }, person("commander"));
  await core.tokens.revoke("tk-2", person("commander"));
  const { out } = await dr(["token", "list"], core);
  expect(out.replaceAll(/\s+/g, " ")).toMatch(
    /1 of 2 tokens hold .*tk-2 .*revoked .* by commander .*tk-1 .*laptop .*until /,
  );
});
