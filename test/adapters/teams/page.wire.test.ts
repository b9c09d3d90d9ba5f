import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChatPage } from "../../../lab/chat-page.ts";
import { startTeamsPage } from "../../../lab/teams/page-server.ts";
import { pageHands } from "../../helpers/page-hands.ts";
import { startTeamsSurface, type TeamsSurface } from "../../helpers/teams-surface.ts";

let surface: TeamsSurface;
let page: ChatPage;

beforeEach(async () => {
  surface = await startTeamsSurface();
  page = await startTeamsPage(surface.teams);
});
afterEach(async () => {
  await page.close();
  await surface.dispose();
});

const soon = { timeout: 10_000 };
const { seenBy, act } = pageHands(() => page);
const idOf = (part: string) =>
  surface.teams.state.messages.findLast(({ card, text }) => (JSON.stringify(card ?? "") + text).includes(part))?.id ??
  "";

describe("the page of the fake tenant", () => {
  it("shows an answer to who asked, and to nobody else", async () => {
    await act("observer", "say", { to: "channel", text: "@Muster status" });
    await expect.poll(() => seenBy("observer"), soon).toContain("served from east");
    expect(await seenBy("operator")).not.toContain("served from east");
  });

  it("takes people through a failover: ask in a form, approve on cards with their own buttons", async () => {
    for (const one of ["observer", "approver-1"]) await act(one, "say", { to: "personal", text: "help" });
    await act("operator", "say", { to: "personal", text: "failover" });
    await expect.poll(() => seenBy("operator"), soon).toContain("Those who decide will read it");
    const form = { id: idOf("Those who decide"), title: "Propose", region: "west", answer: "a page can do it" };
    await act("operator", "press", form);
    await expect.poll(() => seenBy("approver-1"), soon).toContain("Approve? Failover east → west");
    const id = idOf("Approve? Failover");
    expect(await seenBy("approver-1")).toContain("<summary>Approve</summary>");
    expect(await seenBy("observer")).not.toContain("<summary>Approve</summary>");
    await act("operator", "press", { id, title: "Approve" });
    for (const approver of ["approver-1", "approver-2"]) await act(approver, "press", { id, title: "Approve" });
    await expect.poll(() => seenBy("observer"), soon).toContain("Failover east → west completed");
    expect(await seenBy("observer")).toContain("a page can do it");
  });

  it("takes a message onto the timeline and off again", async () => {
    await act("operator", "say", { to: "channel", text: "@Muster failover west --reason test" });
    await act("observer", "say", { to: "channel", text: "the <b>disk</b> is full" });
    expect(await seenBy("operator")).toContain("the &lt;b&gt;disk&lt;/b&gt; is full");
    const pins = async () => (await surface.muster.core.state()).incidents["inc-1"]?.pins.length ?? 0;
    const id = idOf("disk");
    await act("operator", "pin", { id });
    expect(await pins()).toBe(1);
    expect(await seenBy("operator")).toContain("On the timeline of");
    await act("operator", "close");
    await act("operator", "unpin", { id });
    expect(await pins()).toBe(0);
  });

  it("is nobody's but this machine's: other sites can press nothing there, nor read under another name", async () => {
    const foreign = { origin: "https://evil.example" };
    const text = "@Muster failover west --reason test";
    expect((await act("operator", "say", { to: "channel", text }, foreign)).status).toBe(403);
    expect((await act("nobody", "say", { to: "channel", text })).status).toBe(404);
    expect((await act("operator", "press", { id: "1", title: "Approve" })).status).toBe(409);
    expect((await surface.muster.core.state()).runs).toEqual({});
  });
});
