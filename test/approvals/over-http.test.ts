import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Door, openDoor } from "../helpers/door.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;
let door: Door;

beforeEach(async () => {
  board = createSwitchboard();
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), board);
  door = await openDoor(muster.core);
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  await door.call("failover", { region: "west" }, "operator");
});

afterEach(async () => {
  await door.close();
  await muster.stop();
});

const decisions = async () => (await muster.core.state()).approvals["ap-1"]?.decisions ?? [];
const approve = (who: string, headers?: Record<string, string>) => door.call("approve", { id: "ap-1" }, who, headers);

describe("presses at the same instant, over HTTP", () => {
  it("of one person twenty times count once; the others are told that the first stands", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => approve("approver-1")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set([undefined, "already-decided"]));
    expect((await decisions()).map(({ principal }) => principal)).toEqual(["approver-1"]);
    expect((await muster.core.state()).approvals["ap-1"]?.phase).toBe("pending");
  });

  it("of two people are both counted, once each, and the run starts once", async () => {
    const presses = ["approver-1", "approver-2", "approver-1", "approver-2"].map((who) => approve(who));
    const answers = await Promise.all(presses);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    const counted = (await decisions()).map(({ principal }) => principal);
    expect(counted.toSorted()).toEqual(["approver-1", "approver-2"]);
    muster.start("executor");
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
    expect(board.requests).toEqual(["a"]);
    expect(await muster.core.journal.query({ kind: "run.started" })).toHaveLength(1);
  });

  it("redelivered under one Idempotency-Key get one answer, and one decision", async () => {
    const key = { "idempotency-key": "press-1" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => approve("approver-1", key)));
    answers.push(await approve("approver-1", key));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await decisions()).toHaveLength(1);
  });

  it("one yes and one no: the no ends it, whichever came first", async () => {
    const no = door.call("deny", { id: "ap-1", reason: "too risky" }, "approver-2");
    await Promise.all([approve("approver-1"), no]);
    expect((await muster.core.state()).approvals["ap-1"]?.phase).toBe("denied");
    expect((await approve("commander")).body.code).toBe("approval-closed");
  });

  it("after the decision change nothing, and every one that was refused is a fact", async () => {
    await approve("approver-1");
    await approve("approver-2");
    const before = await decisions();
    const late = await Promise.all([approve("approver-1"), approve("commander"), approve("operator")]);
    expect(late.map(({ body }) => body.code)).toEqual(["approval-closed", "approval-closed", "not-allowed"]);
    expect(await decisions()).toEqual(before);
    const refused = await muster.core.journal.query({ kind: "command.refused" });
    expect(refused.map(({ actor }) => actor).toSorted()).toEqual(["approver-1", "commander", "operator"]);
  });

  it("deny without a reason is refused, and the reason of one that counts is kept", async () => {
    expect((await door.call("deny", { id: "ap-1" }, "approver-1")).body.code).toBe("bad-input");
    expect((await door.call("deny", { id: "ap-1", reason: "  " }, "approver-1")).body.code).toBe("bad-input");
    expect(await decisions()).toEqual([]);
    await door.call("deny", { id: "ap-1", reason: "the bank is reconciling" }, "approver-1");
    expect(await decisions()).toMatchObject([{ decision: "deny", reason: "the bank is reconciling" }]);
  });
});
