import { describe, expect, it } from "vitest";
import { tokenOf } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { readStream, startHttp } from "./server.ts";

const auth = { authorization: `Bearer ${tokenOf("observer")}` };
const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

describe("the journal as it comes", () => {
  it("begins after Last-Event-ID and goes on with what happens", async () => {
    const core = await scenes.detected();
    const { send } = startHttp(core);
    const { length } = core.events;
    const response = await send("/api/v1/events", { headers: { ...auth, "last-event-id": String(length - 2) } });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    setTimeout(() => core.emit("traffic.changed", { shares: { "us-east-1": 1 } }), 20);
    const text = await readStream(response, (so) => so.includes("traffic.changed"));
    expect(ids(text)).toEqual([length - 1, length, length + 1]);
  });

  it("begins now when nobody says where", async () => {
    const core = await scenes.detected();
    const { send } = startHttp(core);
    const response = await send("/api/v1/events", { headers: auth });
    setTimeout(() => core.emit("traffic.changed", { shares: { "eu-central": 1 } }), 20);
    const text = await readStream(response, (so) => so.includes("id: "));
    expect(ids(text)).toEqual([core.events.length]);
  });

  it("loses nothing over pages", async () => {
    const core = await scenes.calm();
    for (let count = 0; count < 450; count += 1) core.emit("traffic.changed", { shares: { "us-east-1": 1 } });
    const response = await startHttp(core).send("/api/v1/events?after=0", { headers: auth });
    const text = await readStream(response, (so) => so.includes(`id: ${core.events.length}\n`));
    expect(ids(text)).toEqual(core.events.map(({ seq }) => seq));
  });

  it("refuses a place that is none, and who is not signed in", async () => {
    const { send } = startHttp(await scenes.calm());
    expect((await send("/api/v1/events?after=now", { headers: auth })).status).toBe(400);
    expect((await send("/api/v1/events")).status).toBe(401);
  });

  it("holds so many connections and no more, and a closed one makes room", async () => {
    const core = await scenes.calm();
    const { send } = startHttp(core, { maxStreams: 2 });
    const open = () => send("/api/v1/events", { headers: auth });
    const [first, second] = [await open(), await open()];
    expect((await open()).status).toBe(429);
    await first.body?.cancel();
    await expect.poll(async () => (await open()).status).toBe(200);
    await second.body?.cancel();
  });
});

describe("live connections of one person", () => {
  it("leave room for those of others, and for a backup", async () => {
    const { as, send } = startHttp(await scenes.calm(), { maxStreams: 8, maxStreamsEach: 2 });
    const open = (who: string) => as(who).get("/api/v1/events");
    const held = [await open("observer"), await open("observer")];
    const refused = await open("observer");
    expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining("one person")]);
    const room = await send("/room/events", { headers: { authorization: `Bearer ${tokenOf("commander")}` } });
    expect([room.status, (await as("operator").get("/api/v1/backup")).status]).toEqual([200, 200]);
    await held[0]?.body?.cancel();
    await expect.poll(async () => (await open("observer")).status).toBe(200);
    for (const one of [held[1], room]) await one?.body?.cancel();
  });
});

describe("the control room as it changes", () => {
  it("sends the page's parts, and then only what looks different", async () => {
    const core = await scenes.calm();
    const { browser, send } = startHttp(core);
    const { cookie } = await browser("operator");
    const response = await send("/room/events", { headers: { cookie } });
    setTimeout(() => core.emit("note.added", { noteId: "note-1", text: "brand new" }, "operator"), 200);
    const text = await readStream(response, (so) => so.includes("brand new"));
    const patches = [...text.matchAll(/^event: patch\ndata: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? "") as { messages: { id: string }[]; ids: string[] },
    );
    expect(text).toContain("event: hello\ndata: operator");
    expect(patches[0]?.messages.length).toBeGreaterThan(3);
    expect(patches[1]?.messages.map(({ id }) => id)).toEqual([`e${core.events.length}`]);
    expect(patches[1]?.ids.length).toBe((patches[0]?.ids.length ?? 0) + 1);
  });

  it("edits a card where it stands", async () => {
    const core = await scenes.pending();
    const { browser, send } = startHttp(core);
    const { cookie } = await browser("observer");
    const response = await send("/room/events", { headers: { cookie } });
    setTimeout(
      () =>
        core.emit(
          "approval.decided",
          { approvalId: "approval-1", runId: "run-1", decision: "approve", accepted: [] },
          "approver-2",
        ),
      150,
    );
    const text = await readStream(response, (so) => so.split("event: patch").length > 2);
    const second = JSON.parse(text.split("event: patch\ndata: ")[2]?.split("\n")[0] ?? "") as {
      messages: { id: string; html: string }[];
    };
    expect(second.messages.find(({ id }) => id === "approval-1")?.html).toContain("granted (2 of 2)");
  });
});
