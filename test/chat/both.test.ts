import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { createInbox } from "../../src/chat/inbox.ts";
import { createMirror } from "../../src/chat/mirror.ts";
import type { Reply } from "../../src/chat/port.ts";
import { systemClock } from "../../src/clock.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import type { Clock } from "../../src/ports.ts";
import { createWorker, type Worker } from "../../src/workers/worker.ts";
import { fakeDirectory, person } from "../helpers/core.ts";
import { createFakeChat, type FakeChat } from "../helpers/fake-chat.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const NAMES = ["slack", "teams"] as const;
type Name = (typeof NAMES)[number];

const quick: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };
const logger = pino({ level: "silent" });

let muster: TestMuster;
let chats: Record<Name, FakeChat>;
let inboxes: Record<Name, ReturnType<typeof createInbox>>;
let mirrors: Worker[];
let delivery = 0;

beforeEach(async () => {
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const { core, journal, store } = muster;
  const dispatcher = createDispatcher({ core, commands, directory: fakeDirectory, logger });
  chats = { slack: createFakeChat("slack"), teams: createFakeChat("teams") };
  mirrors = NAMES.map((name) => {
    const { work } = createMirror({ chat: chats[name], core, journal, store, clock: quick, logger });
    const own = { store, instance: `${name}-1`, clock: systemClock, logger, leaseMs: 2_000 };
    return createWorker({ ...own, name: `chat:${name}`, work });
  });
  for (const mirror of mirrors) mirror.start();
  // Each chat has accounts of its own; both are linked to the same people.
  const inboxOf = (name: Name) => {
    const callerOf = async ({ account }: { account: string }) => person(account.replace(`${name}/`, ""));
    return createInbox({ chat: name, journal, store, dispatcher, callerOf, clock: systemClock, logger });
  };
  inboxes = { slack: inboxOf("slack"), teams: inboxOf("teams") };
});

afterEach(async () => {
  await Promise.all(mirrors.map((mirror) => mirror.stop()));
  await muster.stop();
});

function approve(chat: Name, principal: string, id: string): Promise<Reply | undefined> {
  const from = { account: `${chat}/${principal}`, name: principal };
  const deliveryId = `d${++delivery}`;
  return inboxes[chat].handle({ kind: "press", deliveryId, from, command: "approve", input: { id } });
}

async function titles(part: string): Promise<void> {
  const found = () => NAMES.filter((name) => chats[name].byId("ap-1")?.message.card.title.includes(part));
  await expect.poll(found, { message: `"${part}" in both` }).toEqual([...NAMES]);
}

describe("one approval in two chats", () => {
  it("stands in both, takes a person's word once wherever it comes from, and changes in both", async () => {
    await muster.core.runs.propose("failover", { target: "west", reason: "a test" }, operator);
    await titles("Approve?");
    expect((await approve("slack", "approver-1", "ap-1"))?.visibility).toBe("none");
    await titles("1 of 2");
    // The same person with the other chat's account: linked to one principal, counted once.
    expect((await approve("teams", "approver-1", "ap-1"))?.card.title).toContain("already");
    expect((await approve("teams", "approver-2", "ap-1"))?.visibility).toBe("none");
    await titles("granted");
    for (const name of NAMES) expect(chats[name].byId("ap-1")?.message.card.buttons).toEqual([]);
    const decided = (await muster.core.state()).approvals["ap-1"]?.decisions.map(({ principal }) => principal);
    expect(decided).toEqual(["approver-1", "approver-2"]);
  });

  it("counts the same person once who presses in both at the same moment", async () => {
    await muster.core.runs.propose("failover", { target: "west", reason: "a test" }, operator);
    const replies = await Promise.all(NAMES.map((name) => approve(name, "approver-1", "ap-1")));
    expect(replies.map((reply) => reply?.visibility).toSorted()).toEqual(["none", "private"]);
    expect((await muster.core.state()).approvals["ap-1"]?.decisions).toHaveLength(1);
  });
});
