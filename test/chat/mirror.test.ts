import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMirror } from "../../src/chat/mirror.ts";
import { systemClock } from "../../src/clock.ts";
import { AppError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports.ts";
import { createWorker, type Worker } from "../../src/workers/worker.ts";
import { createFakeChat, type FakeChat } from "../helpers/fake-chat.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

const down = new AppError({ code: "vendor-unavailable", summary: "The chat is away.", retryable: true });

let board: Switchboard;
let muster: TestMuster;
let chat: FakeChat;
let mirrors: Worker[];

/** Real time, in which pauses are short. */
const quick: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };

function startMirror(clock: Clock = quick): Worker {
  const { core, journal, store } = muster;
  const logger = pino({ level: "silent" });
  const { work } = createMirror({ chat, core, journal, store, clock, logger });
  const instance = `mirror-${mirrors.length}`;
  const worker = createWorker({ name: "chat:fake", store, instance, clock: systemClock, logger, leaseMs: 2_000, work });
  worker.start();
  mirrors.push(worker);
  return worker;
}

async function until(what: () => boolean, withinMs = 8_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`not reached: ${what}\n${chat.calls.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function propose(): Promise<{ runId: string; approvalId: string }> {
  const { run } = await muster.core.runs.propose("failover", { target: "west", reason: "a test" }, operator);
  return { runId: run.runId, approvalId: run.approvalId ?? "" };
}

async function approve(approvalId: string): Promise<void> {
  for (const person of [approver1, approver2]) await muster.core.approvals.approve(approvalId, [], person);
}

beforeEach(async () => {
  board = createSwitchboard();
  chat = createFakeChat();
  mirrors = [];
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a"), makeStep("b", { needs: ["a"] })] } }), board);
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
});

afterEach(async () => {
  await Promise.all(mirrors.map((worker) => worker.stop()));
  await muster.stop();
});

describe("a chat's channel", () => {
  it("has one card for each incident, approval and run, edited in place as they go on", async () => {
    startMirror();
    const { runId, approvalId } = await propose();
    await until(() => chat.byId(runId) !== undefined && chat.byId("inc-1") !== undefined);
    expect(chat.byId(approvalId)?.message.card.buttons?.map(({ command }) => command)).toEqual(["approve", "deny"]);
    await approve(approvalId);
    await until(() => chat.byId(runId)?.message.card.title.includes("completed") === true);
    await until(() => chat.byId(approvalId)?.message.card.title.includes("granted") === true);
    expect(chat.byId(approvalId)?.message.card.buttons).toEqual([]);
    expect(chat.messages.filter(({ message }) => message.id === runId)).toHaveLength(1);
    expect(chat.byId(runId)?.edits).toBeGreaterThan(0);
  });

  it("keeps the timeline current, and facts about a run in the run's thread", async () => {
    startMirror();
    const { runId, approvalId } = await propose();
    await approve(approvalId);
    await until(() => chat.byId("timeline-inc-1-1")?.message.card.text?.join().includes("completed") === true);
    await until(() => chat.messages.some(({ thread }) => thread === chat.byId(runId)?.ref));
  });

  it("says a freeze, its end and who went against it where everybody is told", async () => {
    startMirror();
    await expect.poll(() => muster.store.getRecord("chat/fake/from")).toBeDefined();
    await muster.core.locks.lock({ reason: "a migration is under way" }, operator);
    const reason = "us-east-1 burns";
    await muster.core.runs.propose("failover", { target: "west", reason, overrideLock: true }, commander);
    await until(() => chat.byId("run-1")?.message.card.text?.join().includes("This run goes on.") === true);
    await muster.core.locks.unlock("it is over", operator);
    const told = () =>
      chat.messages
        .filter(({ thread }) => thread === undefined)
        .flatMap(({ message: { card } }) => [card.title, ...(card.text ?? [])])
        .join("\n");
    await until(() =>
      ["Application locked by", "in spite of lock-1", "lifted by"].every((one) => told().includes(one)),
    );
  });

  it("does not say what was before it was connected", async () => {
    const first = await propose();
    await muster.core.runs.abort(first.runId, "not now", operator);
    await muster.core.incidents.resolve("nothing was wrong", operator);
    startMirror();
    // It must have begun before the next thing happens, or that would belong to the past as well.
    await expect.poll(() => muster.store.getRecord("chat/fake/from")).toBeDefined();
    const second = await propose();
    await until(() => chat.byId(second.runId) !== undefined);
    expect(chat.byId(first.runId)).toBeUndefined();
  });

  it("posts one card, not two, when the answer to a post is lost", async () => {
    chat.loseNextAnswer = true;
    startMirror();
    const { runId } = await propose();
    await until(() => chat.byId(runId) !== undefined && chat.byId("timeline-inc-1-1") !== undefined);
    expect(chat.messages.filter(({ message }) => message.id === "inc-1")).toHaveLength(1);
    expect(chat.calls.some((call) => call.startsWith("find"))).toBe(true);
  });

  it("goes on in another instance without posting anything twice", async () => {
    const first = startMirror();
    const { runId, approvalId } = await propose();
    await until(() => chat.byId(runId) !== undefined);
    await first.stop();
    startMirror();
    await approve(approvalId);
    await until(() => chat.byId(runId)?.message.card.title.includes("completed") === true);
    const ids = chat.messages.map(({ message }) => message.id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it("goes on where documents may not be attached, and does not call the chat lost for it", async () => {
    chat.upload = async () => {
      throw new AppError({ code: "vendor-rejected", summary: "The bot may not upload." });
    };
    startMirror();
    const { runId, approvalId } = await propose();
    await muster.core.reports.write("inc-1");
    await approve(approvalId);
    await until(() => chat.byId(runId)?.message.card.title.includes("completed") === true);
    await muster.core.incidents.note("still heard", operator);
    await until(() => chat.messages.some(({ message }) => message.card.title.includes("still heard")));
    expect((await muster.core.state()).chats.fake).toBeUndefined();
  });

  it("keeps the incident with its link on top while it is open", async () => {
    await muster.say({
      key: "plan/with-a-room",
      kind: "plan.adopted",
      actor: "system:test",
      data: { plan: { ...muster.core.plan, warRoom: { url: "https://meet.example.com/m", checkInEveryMs: 300_000 } } },
    });
    startMirror();
    const { runId } = await propose();
    await until(() => chat.byId("inc-1")?.pinned === true);
    expect(chat.byId("inc-1")?.message.card.links).toEqual([{ label: "War room", url: "https://meet.example.com/m" }]);
    await muster.core.runs.abort(runId, "not needed", operator);
    await muster.core.incidents.resolve("over", operator);
    await until(() => chat.byId("inc-1")?.pinned === false);
    expect(chat.calls.filter((call) => call.startsWith("pin"))).toEqual(["pin inc-1 true", "pin inc-1 false"]);
  });

  it("goes on where nothing may be pinned", async () => {
    const refused = new AppError({ code: "vendor-rejected", summary: "The chat refuses: missing_scope." });
    chat.pin = async () => {
      chat.calls.push("pin");
      throw refused;
    };
    await muster.say({
      key: "plan/with-a-room",
      kind: "plan.adopted",
      actor: "system:test",
      data: { plan: { ...muster.core.plan, warRoom: { url: "https://meet.example.com/m", checkInEveryMs: 300_000 } } },
    });
    startMirror();
    const { runId, approvalId } = await propose();
    await approve(approvalId);
    await until(() => chat.byId(runId)?.message.card.title.includes("completed") === true);
    expect(chat.calls.filter((call) => call === "pin")).toEqual(["pin"]);
    expect((await muster.core.state()).chats).toEqual({});
  });

  it("keeps no record of messages that are long past", async () => {
    startMirror();
    const { runId } = await propose();
    await until(() => chat.byId(runId) !== undefined);
    await muster.core.runs.abort(runId, "not needed", operator);
    await muster.core.incidents.resolve("over", operator);
    await until(() => chat.byId(runId)?.message.card.title.includes("was cancelled") === true);
    const record = () => muster.store.getRecord(`chat/fake/message/${runId}`);
    expect(await record()).toBeDefined();
    const notes = Array.from({ length: 1_000 }, (_, index) => ({
      key: `note/${index}`,
      kind: "note.added" as const,
      actor: "operator",
      data: { noteId: `note-${index}`, text: "it was like this" },
    }));
    for (let from = 0; from < 1_000; from += 100) await muster.say(...notes.slice(from, from + 100));
    await expect.poll(record).toBeUndefined();
    // What is still to be told is told, and what stands is not posted again.
    expect(chat.messages.filter(({ message }) => message.id === runId)).toHaveLength(1);
  });

  it("posts a card again that somebody deleted", async () => {
    startMirror();
    const { runId, approvalId } = await propose();
    await until(() => chat.byId(runId) !== undefined);
    chat.messages = chat.messages.filter(({ message }) => message.id !== runId);
    await approve(approvalId);
    await until(() => chat.byId(runId)?.message.card.title.includes("completed") === true);
  });
});

describe("a chat that does not answer", () => {
  it("is not noticed by the run, is said to be lost, and is told everything when it is back", async () => {
    startMirror();
    const { runId, approvalId } = await propose();
    await until(() => chat.byId(runId) !== undefined);
    chat.failure = new AppError({ code: "vendor-rejected", summary: "The bot is not in the channel." });
    await approve(approvalId);
    const state = await muster.until(({ runs, chats }) => runs[runId]?.phase === "completed" && !!chats.fake?.lost);
    expect(state.chats.fake?.lost?.summary).toBe("The bot is not in the channel.");
    chat.failure = undefined;
    await until(() => chat.byId(runId)?.message.card.title.includes("completed") === true);
    await muster.until(({ chats }) => chats.fake?.lost === undefined && chats.fake?.changes === 2);
  });

  it("is left alone for as long as it asks, and says once that updates were delayed", async () => {
    startMirror();
    chat.failure = new AppError({ code: "vendor-throttled", summary: "Too fast.", retryAfterMs: 5_000 });
    const { runId, approvalId } = await propose();
    await until(() => chat.calls.length > 0);
    chat.failure = undefined;
    await approve(approvalId);
    await until(() => chat.byId(runId) !== undefined);
    const told = chat.sent.filter(({ card }) => card.context?.join().includes("asked to wait"));
    expect(told).toHaveLength(1);
    expect((await muster.core.state()).chats.fake).toBeUndefined();
  });

  it("gets one message about what it missed, with the real times", async () => {
    chat.failure = down;
    startMirror();
    await propose();
    await muster.until(({ openIncidentId }) => openIncidentId !== undefined);
    await until(() => chat.calls.length > 0);
    const said = ["one", "two", "three", "four"];
    for (const text of said) await muster.core.incidents.note(text, operator);
    // Two minutes go by for the mirror, which looks at its own clock.
    await Promise.all(mirrors.map((worker) => worker.stop()));
    startMirror({ ...quick, now: () => Date.now() + 120_000 });
    chat.failure = undefined;
    await until(() => chat.messages.some(({ message }) => message.id.startsWith("catch-up-")));
    const caught = chat.messages.filter(({ message }) => message.id.startsWith("catch-up-"));
    expect(caught).toHaveLength(1);
    for (const text of said) expect(caught[0]?.message.card.text?.join("\n")).toContain(`“${text}”`);
    expect(caught[0]?.message.card.title).toContain("could not be reached");
  });
});
