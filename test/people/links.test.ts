import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { homeCards } from "../../src/chat/home.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import type { Caller } from "../../src/core.ts";
import { unlinkedCaller } from "../../src/people/identity.ts";
import { createFakeCore, everybodyListed, person } from "../helpers/core.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let muster: TestMuster;
let say: (line: string, caller: Caller) => Promise<{ data: unknown }>;

beforeEach(() => {
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
  const logger = { error: () => {} };
  const dispatcher = createDispatcher({ core: muster.core, commands, directory: muster.people, logger });
  say = (line, caller) => dispatcher.text(line, caller);
});

afterEach(() => muster.stop());

/** As a chat's door would have it. */
const from = async (system: string, account: string): Promise<Caller> =>
  (await muster.people.byIdentity(system, account)) ?? unlinkedCaller({ system, account });
const codeFor = async (caller: Caller) => (await muster.core.links.offer(caller)).code;
const linkTo = async (caller: Caller, system: string, account: string) =>
  say(`/dr link ${await codeFor(caller)}`, await from(system, account));

describe("a link between a person and an account", () => {
  it("is made by a code from one place, redeemed in another, and holds at once", async () => {
    const stranger = await from("slack", "U1");
    expect(stranger).toMatchObject({ principal: "unlinked:slack/U1", roles: [] });
    await linkTo(approver1, "slack", "U1");
    const caller = await from("slack", "U1");
    expect(caller).toMatchObject({ principal: "approver-1", roles: ["observer", "approver"] });
    expect(caller.identity).toEqual({ system: "slack", account: "U1" });
    const [linked] = await muster.core.journal.query({ kind: "identity.linked" });
    expect(linked).toMatchObject({
      actor: "approver-1",
      data: { system: "slack", account: "U1", principal: "approver-1", codeId: "1" },
    });
  });

  it("takes a code once, also when two accounts send it at the same moment", async () => {
    const code = await codeFor(approver1);
    const [one, two] = [await from("slack", "U1"), await from("teams", "T1")];
    const outcomes = await Promise.allSettled([
      muster.core.links.redeem(code, one),
      muster.core.links.redeem(code, two),
    ]);
    expect(outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "linked")).toSorted()).toEqual([
      "linked",
      "not-allowed",
    ]);
    await expect(muster.core.links.redeem(code, await from("pagerduty", "P1"))).rejects.toMatchObject({
      code: "not-allowed",
    });
    expect(Object.keys((await muster.core.state()).people.links)).toHaveLength(1);
  });

  it("takes a code as people type it on a phone", async () => {
    const code = (await codeFor(approver1)).toLowerCase().replaceAll("-", "–");
    await muster.core.links.redeem(` ${code} `, await from("slack", "U1"));
    expect((await from("slack", "U1")).principal).toBe("approver-1");
  });

  it("is kept as a hash until it is redeemed, and in no event", async () => {
    const code = await codeFor(approver1);
    const record = await muster.store.getRecord("link-code/approver-1");
    expect(record).toMatch(/"sha256":"[0-9a-f]{64}"/);
    const texts = (await muster.journal.read({ after: 0, limit: 100 })).map(({ text }) => text).join();
    for (const kept of [record, texts]) expect(kept).not.toContain(code.slice(2));
    await muster.core.links.redeem(code, await from("slack", "U1"));
    expect(await muster.store.getRecord("link-code/approver-1")).toBeUndefined();
  });

  it("stands for one person: neither another link nor the people file's account is taken over", async () => {
    await linkTo(approver1, "slack", "U1");
    const taken = { code: "wrong-state", summary: expect.stringContaining("approver-1") };
    await expect(linkTo(approver2, "slack", "U1")).rejects.toMatchObject(taken);
    const listed = everybodyListed.map((one) =>
      one.id === "approver-2" ? { ...one, identities: { teams: "T2" } } : one,
    );
    muster.roster.replace(listed);
    expect((await from("teams", "T2")).principal).toBe("approver-2");
    await expect(linkTo(operator, "teams", "T2")).rejects.toMatchObject({ code: "wrong-state" });
  });

  it("gives way to what the people file says", async () => {
    await linkTo(approver1, "slack", "U1");
    muster.roster.replace(
      everybodyListed.map((one) => (one.id === "approver-2" ? { ...one, identities: { slack: "U1" } } : one)),
    );
    expect((await from("slack", "U1")).principal).toBe("approver-2");
  });

  it("is worth nothing when its person is gone, and the account may then be linked anew", async () => {
    await linkTo(approver1, "slack", "U1");
    muster.roster.replace(everybodyListed.filter(({ id }) => id !== "approver-1"));
    expect(await from("slack", "U1")).toMatchObject({ principal: "unlinked:slack/U1", roles: [] });
    await linkTo(approver2, "slack", "U1");
    expect((await from("slack", "U1")).principal).toBe("approver-2");
  });

  it("is taken away at once by its person or a commander, and by nobody else", async () => {
    await linkTo(approver1, "slack", "U1");
    await expect(say("unlink slack U1", operator)).rejects.toMatchObject({ code: "not-allowed" });
    await expect(say("unlink slack U2", approver1)).rejects.toMatchObject({ code: "not-found" });
    await say("unlink slack U1", await from("slack", "U1"));
    expect((await from("slack", "U1")).roles).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect((await muster.core.journal.query({ kind: "identity.unlinked" }))[0]?.actor).toBe("approver-1");
  });
});

describe("a person with two linked accounts", () => {
  it("counts once, wherever they press, also at the same moment", async () => {
    muster.roster.replace(
      everybodyListed.map((one) => (one.id === "approver-1" ? { ...one, identities: { slack: "U1" } } : one)),
    );
    await linkTo(approver1, "teams", "T1");
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await say("failover west", operator);
    const places = [await from("slack", "U1"), await from("teams", "T1"), approver1];
    const presses = await Promise.allSettled(places.map((caller) => say("approve ap-1", caller)));
    expect(presses.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { approvals } = await muster.core.state();
    expect(approvals["ap-1"]).toMatchObject({ phase: "pending", decisions: [{ principal: "approver-1" }] });
  });

  it("who asked for the run may not decide on it from another account either", async () => {
    await linkTo(commander, "slack", "U9");
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await say("failover west", commander);
    await expect(say("approve ap-1", await from("slack", "U9"))).rejects.toMatchObject({ code: "requester-excluded" });
  });
});

describe("an account that stands for nobody", () => {
  it.each(commands.filter(({ anybody }) => !anybody).map(({ name }) => name))("may not: %s", async (name) => {
    await expect(say(`/dr ${name}`, unlinkedCaller({ system: "slack", account: "U1" }))).rejects.toMatchObject({
      code: "not-allowed",
      summary: "This slack account stands for nobody here yet.",
    });
  });

  it("may read help, and is told how to say who it is", async () => {
    const stranger = unlinkedCaller({ system: "slack", account: "U1" });
    expect((await say("/dr help", stranger)).data).toHaveLength(commands.length);
    await expect(say("/dr link", stranger)).rejects.toMatchObject({ hint: expect.stringContaining("/dr link <code>") });
  });

  it("sees on its own page of the chat how to say who it is, and nothing else", async () => {
    const cards = await homeCards(muster.core, unlinkedCaller({ system: "slack", account: "U1" }));
    expect(cards.map(({ title }) => title)).toEqual(["This slack account stands for nobody here yet."]);
  });

  it("is told of by a count at the door, not by an event for each of its words", async () => {
    const stranger = unlinkedCaller({ system: "slack", account: "U1" });
    for (let count = 0; count < 50; count++) await say("/dr failover west", stranger).catch(() => {});
    await expect.poll(async () => (await muster.core.journal.query({ kind: "door.refused" })).length).toBe(1);
    expect(await muster.core.journal.query({ kind: "command.refused" })).toEqual([]);
  });

  it.each(["", "nonsense", "1-AAAA-BBBB-CCCC", "99-AAAA-BBBB-CCCC", "0-AAAA-BBBB-CCCC", "x".repeat(41)])(
    "cannot guess: %j changes nothing",
    async (guess) => {
      await codeFor(approver1);
      const stranger = unlinkedCaller({ system: "slack", account: "U1" });
      await expect(say(`/dr link "${guess}"`, stranger)).rejects.toMatchObject({
        code: expect.stringMatching(/^(not-allowed|bad-input)$/),
      });
      expect((await muster.core.state()).people.links).toEqual({});
    },
  );

  it("is slowed down when it guesses", async () => {
    const stranger = unlinkedCaller({ system: "slack", account: "U1" });
    const guess = () => muster.core.links.redeem("1-AAAA-BBBB-CCCC", stranger).catch(({ code }) => code as string);
    const codes = [];
    for (let count = 0; count < 7; count++) codes.push(await guess());
    expect(codes).toEqual([...Array(5).fill("not-allowed"), "rate-limited", "rate-limited"]);
  });
});

describe("a link code", () => {
  it("ends after ten minutes", async () => {
    const core = createFakeCore();
    const { code } = await core.links.offer(person("approver-1"));
    core.advance(600_000);
    const stranger = unlinkedCaller({ system: "slack", account: "U1" });
    await expect(core.links.redeem(code, stranger)).rejects.toMatchObject({ code: "not-allowed" });
    core.advance(-1);
    expect(await core.links.redeem(code, stranger)).toMatchObject({ principal: "approver-1" });
  });

  it("is replaced by the next one, and not given again at once", async () => {
    const core = createFakeCore();
    const { code } = await core.links.offer(person("approver-1"));
    await expect(core.links.offer(person("approver-1"))).rejects.toMatchObject({ code: "rate-limited" });
    core.advance(10_000);
    const next = await core.links.offer(person("approver-1"));
    const stranger = unlinkedCaller({ system: "slack", account: "U1" });
    await expect(core.links.redeem(code, stranger)).rejects.toMatchObject({ code: "not-allowed" });
    expect(await core.links.redeem(next.code, stranger)).toMatchObject({ principal: "approver-1" });
  });

  it("is not redeemed where one is signed in already, without an account of a chat", async () => {
    const core = createFakeCore();
    const { code } = await core.links.offer(person("approver-1"));
    await expect(core.links.redeem(code, person("approver-1"))).rejects.toMatchObject({ code: "bad-input" });
    await expect(core.links.redeem(code, person("operator"))).rejects.toMatchObject({ code: "bad-input" });
  });
});
