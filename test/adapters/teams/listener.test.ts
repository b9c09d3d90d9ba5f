import { describe, expect, it } from "vitest";
import { InActivity } from "../../../adapters/chat/teams/activity.ts";
import { createListener } from "../../../adapters/chat/teams/listener.ts";
import type { Teller } from "../../../adapters/chat/teams/reply.ts";
import { TENANT } from "../../../lab/teams/state.ts";
import type { ChatHandlers, Reply } from "../../../src/chat/port.ts";

const reply: Reply = { visibility: "private", card: { title: "Done at last", status: "ok", fallback: "Done." } };

function listenWith(handle: ChatHandlers["handle"], answerWithinMs: number) {
  const late: unknown[] = [];
  const logged: string[] = [];
  const typing = (_: unknown, __: unknown, work: () => Promise<unknown>) => work();
  const teller = { typing, tell: async () => {}, late: async (_: unknown, answer: unknown) => void late.push(answer) };
  const handlers = { handle, present: async () => undefined } as unknown as ChatHandlers;
  const log = (_: unknown, what: string) => logged.push(what);
  return {
    late,
    logged,
    listen: createListener({ handlers, teller: teller as unknown as Teller, log, answerWithinMs }),
  };
}

const press = (change: Record<string, unknown> = {}) =>
  InActivity.parse({
    type: "invoke",
    id: "f:1",
    name: "adaptiveCard/action",
    channelId: "msteams",
    serviceUrl: "https://smba.example/",
    from: { id: "29:1", aadObjectId: "33333333-3333-4333-8333-000000000001" },
    conversation: { id: "19:x@thread.tacv2", conversationType: "channel", tenantId: TENANT },
    value: { action: { data: { muster: { command: "status", input: {}, message: "run-1" } } } },
    ...change,
  });

describe("a press in Teams", () => {
  it("that takes long is answered in time, and what came of it is sent to the person alone", async () => {
    let finish = (_: Reply) => {};
    const slow = new Promise<Reply>((resolve) => {
      finish = resolve;
    });
    const { listen, late } = listenWith(() => slow, 1);
    expect(JSON.stringify((await listen(press())).body)).toContain("Muster will write to you");
    expect(late).toEqual([]);
    finish(reply);
    await expect.poll(() => JSON.stringify(late)).toContain("Done at last");
  });

  it("that is quick is answered where it was pressed, and not twice", async () => {
    const { listen, late } = listenWith(async () => reply, 10_000);
    expect(JSON.stringify((await listen(press())).body)).toContain("Done at last");
    expect(late).toEqual([]);
  });

  it("that comes again is known again, and another one is another", async () => {
    const ids: string[] = [];
    const { listen } = listenWith(async ({ deliveryId }) => {
      ids.push(deliveryId);
      return reply;
    }, 10_000);
    for (const id of ["f:1", "f:1", "f:2"]) await listen(press({ id }));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it("without an id, which nobody could know again, commands nothing", async () => {
    let calls = 0;
    const { listen } = listenWith(async () => {
      calls += 1;
      return reply;
    }, 10_000);
    expect((await listen(press({ id: undefined }))).status).toBe(400);
    expect((await listen(press({ id: undefined, type: "message", text: "status" }))).status).toBe(400);
    expect(calls).toBe(0);
  });

  it("of a card that is not ours is refused in words", async () => {
    const { listen } = listenWith(async () => reply, 10_000);
    const { body } = await listen(press({ value: { action: { data: { command: "failover" } } } }));
    expect(body).toMatchObject({ statusCode: 400, type: "application/vnd.microsoft.error" });
  });

  it("by somebody without an account of the tenant commands nothing", async () => {
    const { listen } = listenWith(async () => reply, 10_000);
    expect((await listen(press({ from: { id: "28:a-bot" } }))).body).toMatchObject({ statusCode: 400 });
  });
});
