import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChatPage } from "../../../lab/chat-page.ts";
import { startSlackPage } from "../../../lab/slack/page-server.ts";
import { pageHands } from "../../helpers/page-hands.ts";
import { openSlackSurface, type SlackSurface } from "./world.ts";

let slack: SlackSurface;
let page: ChatPage;

beforeEach(async () => {
  slack = await openSlackSurface("socket");
  page = await startSlackPage(slack.server);
});
afterEach(async () => {
  await page.close();
  await slack.dispose();
});

const soon = { timeout: 10_000 };
const { seenBy, act } = pageHands(() => page);
const messageWith = (text: string) =>
  slack.server.state.messages.find(({ blocks }) => JSON.stringify(blocks ?? "").includes(text))?.ts ?? "";

describe("the page of the fake workspace", () => {
  it("shows an answer to who asked, and to nobody else", async () => {
    await act("observer", "say", { text: "/dr status" });
    await expect.poll(() => seenBy("observer"), soon).toContain("served from east");
    expect(await seenBy("observer")).toContain("Only visible to you");
    expect(await seenBy("operator")).not.toContain("served from east");
  });

  it("takes people through a failover: ask in a form, approve by buttons, read the thread", async () => {
    await act("operator", "say", { text: "/dr failover" });
    await expect.poll(() => seenBy("operator"), soon).toContain("Those who decide will read it");
    await act("operator", "choose", { region: "west" });
    await expect.poll(() => seenBy("operator"), soon).toContain("Dry run: failover");
    await act("operator", "submit", { region: "west", reason: "a page can do it" });
    await expect.poll(() => seenBy("approver-1"), soon).toContain("Approve? Failover east → west");
    const place = messageWith("Approve? Failover");
    expect(await seenBy("approver-1")).toMatch(/data-confirm="Approve\s+Failover east → west\?/);
    for (const approver of ["approver-1", "approver-2"]) await act(approver, "press", { place, label: "Approve" });
    await expect.poll(() => seenBy("observer"), soon).toContain("Failover east → west completed");
    expect(await seenBy("observer")).toContain("a page can do it");
  });

  it("takes a message, a reply and a pin, and gives the pin back", async () => {
    await act("operator", "say", { text: "/dr failover west --reason test" });
    await act("observer", "say", { text: "the <b>disk</b> is full" });
    const said = slack.server.state.messages.find(({ text }) => text.includes("disk"))?.ts ?? "";
    await act("operator", "say", { text: "which one?", thread: said });
    expect(await seenBy("observer")).toContain("the &lt;b&gt;disk&lt;/b&gt; is full");
    expect(await seenBy("observer")).toContain("1 reply");
    const pins = async () => (await slack.muster.core.state()).incidents["inc-1"]?.pins.length ?? 0;
    await act("operator", "react", { ts: said });
    await expect.poll(pins, soon).toBe(1);
    await act("operator", "react", { ts: said });
    await expect.poll(pins, soon).toBe(0);
  });

  it("is nobody's but this machine's: other sites can press nothing there, nor read under another name", async () => {
    const foreign = { origin: "https://evil.example" };
    expect((await act("operator", "say", { text: "/dr failover west --reason test" }, foreign)).status).toBe(403);
    expect((await act("nobody", "say", { text: "hello" })).status).toBe(404);
    expect((await act("operator", "press", { place: "1.000001", label: "Approve" })).status).toBe(409);
    expect((await slack.muster.core.state()).runs).toEqual({});
    expect(slack.server.state.messages.filter(({ text }) => text === "hello")).toEqual([]);
  });
});
