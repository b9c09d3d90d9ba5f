import { describe, expect, it } from "vitest";
import { nowIso } from "../../src/commands/run-view.ts";
import { channelMessages } from "../../src/http/room/channel.ts";
import { createTail } from "../../src/http/room/tail.ts";
import { type FakeCore, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

const messagesOf = (core: FakeCore, principal: string) =>
  channelMessages(core.events, { state: core.current(), waiting: [], at: nowIso(core), caller: person(principal) });

describe("the channel", () => {
  it("keeps one message per card, in its place, however often it changes", async () => {
    const core = await scenes.completed();
    const ids = messagesOf(core, "operator").map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^e\d+$/.test(id))).toEqual(["incident-1", "approval-1", "run-1"]);
  });

  it("puts the choices of a halt at the end, and takes them away once somebody chose", async () => {
    const core = await scenes.halted();
    expect(messagesOf(core, "commander").at(-1)?.id).toBe("halt-run-1-promote-target-1");
    const buttons = (principal: string) => {
      const { content } = messagesOf(core, principal).at(-1)!;
      return content.kind === "card" ? content.card.buttons?.map(({ command }) => command) : [];
    };
    expect(buttons("commander")).toEqual(["retry", "skip", "abort"]);
    expect(buttons("observer")).toEqual([]);
    await core.runs.retry("run-1", "promote-target", person("operator"));
    expect(messagesOf(core, "commander").some(({ id }) => id.startsWith("halt-"))).toBe(false);
  });

  it("shows a run as the CLI does, with the freeze that it does not heed", async () => {
    const core = await scenes.running();
    core.emit("lock.set", { lockId: "lock-1", reason: "a migration is under way" }, "operator");
    const card = () => {
      const content = messagesOf(core, "operator").find(({ id }) => id === "run-1")?.content;
      return JSON.stringify(content);
    };
    expect(card()).toContain("This run goes on.");
  });

  it("says that somebody made a token for somebody else, who could be acted for with it, and of no other", async () => {
    const core = await scenes.calm();
    const data = { tokenId: "tk-1", principal: "approver-1", expiresAt: "2030-01-01T00:00:00.000Z" };
    core.emit("token.created", data, "approver-1");
    core.emit("token.created", { ...data, tokenId: "tk-2" }, "commander");
    const page = await (await startHttp(core).send("/")).text();
    expect(page).toContain("commander made the token tk-2 for approver-1");
    expect(page).not.toContain("tk-1");
  });

  it("asks for each failed step by itself", async () => {
    const core = await scenes.halted();
    const error = { code: "error-rate", summary: "Too many errors.", hint: "", retryable: false };
    core.emit("step.started", { runId: "run-1", stepId: "shift-traffic", attempt: 1 });
    core.emit("step.failed", { runId: "run-1", stepId: "shift-traffic", attempt: 1, error });
    const halts = () =>
      messagesOf(core, "commander")
        .map(({ id }) => id)
        .filter((id) => id.startsWith("halt-"));
    core.emit("step.retried", { runId: "run-1", stepId: "promote-target" }, "operator");
    expect(halts()).toEqual(["halt-run-1-shift-traffic-1"]);
    core.emit("step.started", { runId: "run-1", stepId: "promote-target", attempt: 2 });
    expect(halts()).toEqual(["halt-run-1-shift-traffic-1"]);
  });

  it("folds what is over", async () => {
    const folded = (core: FakeCore, id: string) => {
      const content = messagesOf(core, "operator").find((message) => message.id === id)?.content;
      return content?.kind === "card" && content.folded;
    };
    const core = await scenes.voided();
    expect([folded(core, "approval-1"), folded(core, "approval-2"), folded(core, "run-1")]).toEqual([
      true,
      false,
      true,
    ]);
    expect(folded(await scenes.running(), "run-1")).toBe(false);
  });

  it("says what was refused only to the person", async () => {
    const core = await scenes.calm();
    await core.refused(
      "failover",
      { code: "not-allowed", summary: "no", hint: "", retryable: false },
      person("observer"),
    );
    const tail = createTail(core);
    expect((await tail.latest()).some(({ kind }) => kind === "command.refused")).toBe(false);
  });

  it("reads on where it stopped and keeps a bounded number", async () => {
    const core = await scenes.calm();
    const tail = createTail(core);
    const before = (await tail.latest()).length;
    for (let count = 0; count < 1_300; count += 1) core.emit("traffic.changed", { shares: { "us-east-1": 1 } });
    const [one, other] = await Promise.all([tail.latest(), tail.latest()]);
    expect(before).toBeGreaterThan(3);
    expect(one).toBe(other);
    expect(one).toHaveLength(250);
    expect(one.at(-1)?.seq).toBe(core.events.length);
  });
});
