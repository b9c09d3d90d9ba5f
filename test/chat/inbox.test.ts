import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { commands } from "../../commands/index.ts";
import { createInbox } from "../../src/chat/inbox.ts";
import type { Inbound } from "../../src/chat/port.ts";
import { systemClock } from "../../src/clock.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { startAsking } from "../helpers/ask.ts";
import { fakeDirectory, person } from "../helpers/core.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let muster: TestMuster;
let delivery = 0;
let inbox: ReturnType<typeof createInbox>;
/** Keys of what was kept beside the journal. */
let remembered: string[];

beforeEach(async () => {
  remembered = [];
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard(), undefined, {
    wrapStore: (store) => ({
      ...store,
      setRecord(...given) {
        remembered.push(given[0]);
        return store.setRecord(...given);
      },
    }),
  });
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const { core, journal, store } = muster;
  const logger = { error: () => {} };
  const dispatcher = createDispatcher({ core, commands, directory: fakeDirectory, logger });
  const callerOf = async ({ account }: { account: string }) =>
    account === "U0" ? { principal: "fake:U0", name: "Somebody", roles: [] } : person(account);
  inbox = createInbox({ chat: "fake", journal, store, dispatcher, callerOf, clock: systemClock, logger });
});

afterEach(() => muster.stop());

const from = (account: string, deliveryId = `d${++delivery}`) => ({ deliveryId, from: { account, name: account } });
const say = (account: string, text: string, id?: string) =>
  inbox.handle({ ...from(account, id), kind: "command", text });
const message = { messageId: "C1/1.0", author: "Somebody", at: "2026-05-04T02:00:00.000Z", text: "the disk is full" };
const pin = (pinned: boolean, account = "observer") => inbox.handle({ ...from(account), kind: "pin", pinned, message });

describe("what people do in a chat", () => {
  it("runs commands as the person who is linked, and answers questions to them alone", async () => {
    const reply = await say("observer", "status");
    expect(reply).toMatchObject({ visibility: "private" });
    expect(reply?.card.title).toContain("shop");
  });

  it("leaves to the channel what the channel shows", async () => {
    const reply = await say("operator", "failover west --reason test");
    expect(reply?.visibility).toBe("none");
    expect(Object.keys((await muster.core.state()).runs)).toEqual(["run-1"]);
  });

  it("gives help for an empty line, and an error card that says what to do next", async () => {
    expect((await say("observer", " "))?.card.title).toBe("Commands");
    const reply = await say("observer", "stauts");
    expect(reply?.card.text?.join()).toContain("status");
  });

  it("does nothing twice for a redelivery, at once or later", async () => {
    await Promise.all([say("operator", "note once", "same"), say("operator", "note once", "same")]);
    expect(await say("operator", "note once", "same")).toBeUndefined();
    expect((await muster.core.state()).counts.notes).toBe(1);
  });

  it("answers a question once, and spends no durable write on remembering that", async () => {
    expect(await say("observer", "status", "asked")).toBeDefined();
    expect(await say("observer", "status", "asked")).toBeUndefined();
    expect(remembered).toEqual([]);
    await say("operator", "note once", "told");
    expect(remembered).toHaveLength(1);
  });

  it("presses a button as the command that it stores, with the caller's own rights", async () => {
    const { run } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    const press = (account: string): Inbound => ({
      ...from(account),
      kind: "press",
      command: "approve",
      input: { id: run.approvalId },
    });
    expect((await inbox.handle(press("operator")))?.card.title).toContain("approver");
    expect((await inbox.handle(press("approver-1")))?.visibility).toBe("none");
    expect((await muster.core.state()).approvals[run.approvalId ?? ""]?.decisions).toHaveLength(1);
  });

  it("refuses an account that nobody has linked, and counts that it asked", async () => {
    const reply = await say("U0", "failover west");
    expect(reply?.card.context).toContain("not-allowed");
    await expect
      .poll(() => muster.core.journal.query({ kind: "door.refused" }))
      .toMatchObject([{ data: { source: "fake:U0", counts: { "not-allowed": 1 } } }]);
  });
});

describe("a message that people pin", () => {
  const timeline = async () => {
    const reply = await say("observer", "timeline");
    return reply?.card.table?.rows.map((row) => row[2]).join("\n") ?? "";
  };

  it("goes on the timeline, follows edits, and goes when it is taken off", async () => {
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    await pin(true);
    expect(await timeline()).toMatch(/Pinned by observer: Somebody in Fake at .*“the disk is full”/);
    await inbox.handle({ ...from("observer"), kind: "edit", messageId: message.messageId, text: "it was the network" });
    expect(await timeline()).toContain("“it was the network”");
    expect(await timeline()).not.toContain("the disk is full");
    await pin(false);
    expect(await timeline()).not.toContain("network");
    await pin(true);
    expect(await timeline()).toContain("“the disk is full”");
  });

  it("is on it once, however many people pin it", async () => {
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    await Promise.all([pin(true), pin(true, "operator")]);
    expect((await muster.core.state()).incidents["inc-1"]?.pins).toHaveLength(1);
  });

  it("needs an incident, and somebody who is linked", async () => {
    expect((await pin(true))?.card.title).toContain("no incident");
    expect((await pin(true, "U0"))?.card.context).toContain("not-allowed");
  });
});

describe("a question that a model thinks about", () => {
  it("lets nobody's command wait behind it", async () => {
    const asking = await startAsking();
    onTestFinished(() => asking.stop());
    asking.server.play({ does: "hangs" });
    const { core, journal, store, workers } = asking.muster;
    const dispatcher = createDispatcher({ core, commands, directory: fakeDirectory, logger: { error: () => {} } });
    const callerOf = async ({ account }: { account: string }) => person(account);
    const logger = { error: () => {} };
    const other = createInbox({ chat: "fake", journal, store, dispatcher, callerOf, clock: systemClock, logger });
    const typed = (account: string, text: string) => other.handle({ ...from(account), kind: "command", text });
    const people = ["operator", "approver-1", "approver-2"];
    let answered = 0;
    const questions = people.map(async (account) => {
      const reply = await typed(account, "/dr ask is it safe to fail back?");
      answered += 1;
      return reply;
    });
    await expect.poll(() => asking.server.asked.length).toBe(2);
    expect((await typed("observer", "status"))?.card.title).toContain("shop");
    expect(answered).toBe(0);
    await workers.find(({ name }) => name === "assistant")?.stop();
    expect((await Promise.all(questions)).map((reply) => reply?.visibility)).toEqual(people.map(() => "private"));
  });
});
