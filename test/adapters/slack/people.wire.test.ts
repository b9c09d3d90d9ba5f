import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failover } from "../../../commands/failover.ts";
import { readBlocks } from "../../../lab/slack/blocks.ts";
import { operator } from "../../helpers/muster.ts";
import { openSlackSurface, type SlackSurface } from "./world.ts";

let slack: SlackSurface;

beforeEach(async () => {
  slack = await openSlackSurface("socket");
});
afterEach(() => slack.dispose());

const views = () =>
  [...slack.server.state.views.values()].map(({ view }) => readBlocks((view as { blocks: unknown[] }).blocks));
const pins = async () => (await slack.muster.core.state()).incidents["inc-1"]?.pins ?? [];

describe("a failover without a region", () => {
  it("is asked for in a form that shows what it would do", async () => {
    await slack.people.command("operator", "failover");
    await expect.poll(() => views().length).toBe(1);
    expect(JSON.stringify([...slack.server.state.views.values()][0]?.view)).toContain('"value":"west"');
    await slack.people.choose("operator", "west");
    await expect.poll(() => views()[0]?.text).toMatch(/Dry run: failover \S+ → west/);
    await slack.people.submit("operator", { region: "west", reason: "the form says so" });
    await slack.muster.until(({ runs }) => runs["run-1"]?.reason === "the form says so");
  });

  it("says in the form that it is looking, as long as it is", async () => {
    const { promise: looked, resolve: finishLooking } = Promise.withResolvers<void>();
    const slowly: typeof failover = { ...failover, run: (...asked) => looked.then(() => failover.run(...asked)) };
    await slack.dispose();
    slack = await openSlackSurface("socket", { commands: [slowly] });
    await slack.people.command("operator", "failover");
    await expect.poll(() => views().length).toBe(1);
    await slack.people.choose("operator", "west");
    await expect.poll(() => views()[0]?.text).toContain("Looking at what this would do");
    finishLooking();
    await expect.poll(() => views()[0]?.text).toMatch(/Dry run: failover \S+ → west/);
    expect(views()[0]?.text).not.toContain("Looking at what this would do");
  });

  it("shows only what would happen when that is ticked", async () => {
    await slack.people.command("operator", "failover");
    await expect.poll(() => views().length).toBe(1);
    await slack.people.submit("operator", { region: "west", reason: "just looking", dryRun: true });
    await expect.poll(() => slack.server.state.private.length).toBe(1);
    expect((await slack.muster.core.state()).runs).toEqual({});
  });
});

describe("a form that is opened from a dialog", () => {
  const pressInDialog = async (name: string, label: string) => {
    const open = [...slack.server.state.views.values()].at(-1)!;
    await slack.people.press(name, { ...open, blocks: open.view.blocks as unknown[] }, label);
  };

  it("lies on top of it, and both are gone when it is submitted", async () => {
    await slack.people.shortcut("operator");
    await expect.poll(() => views().length).toBe(1);
    await pressInDialog("operator", "Fail over …");
    await expect.poll(() => views().length).toBe(2);
    await slack.people.submit("operator", { region: "west", reason: "from the shortcut" });
    await slack.muster.until(({ runs }) => runs["run-1"]?.reason === "from the shortcut");
    expect(views()).toEqual([]);
  });

  it("says at once what a failback would do, or why it cannot be", async () => {
    await slack.people.shortcut("operator");
    await expect.poll(() => views().length).toBe(1);
    await pressInDialog("operator", "Fail back …");
    await expect.poll(() => views().at(-1)?.text ?? "").toContain('no runbook "failback"');
    expect((await slack.muster.core.state()).runs).toEqual({});
  });
});

describe("a bare /dr", () => {
  it("shows buttons for what this person may do", async () => {
    expect(await slack.say("observer", "")).toContain("Status");
    expect(await slack.say("observer", "")).not.toContain("Fail over");
    expect(await slack.say("operator", "")).toContain("Fail over …");
  });
});

describe("the shortcut and the home page", () => {
  it("open what this person may do, and what waits for them", async () => {
    await slack.people.shortcut("operator");
    await expect.poll(() => views().length).toBe(1);
    expect(views()[0]?.buttons.map(({ label }) => label)).toContain("Fail over …");
    await slack.muster.core.runs.propose("failover", { target: "west", reason: "a test" }, operator);
    const home = async (name: string) => {
      await slack.people.openHome(name);
      const id = slack.server.state.users.get(name) ?? "";
      await expect.poll(() => slack.server.state.homes.has(id)).toBe(true);
      return readBlocks((slack.server.state.homes.get(id) as { blocks: unknown[] }).blocks);
    };
    expect((await home("approver-1")).buttons.map(({ label }) => label)).toContain("Approve");
    expect((await home("observer")).buttons.map(({ label }) => label)).not.toContain("Approve");
  });
});

describe("a message that somebody pins with a reaction", () => {
  beforeEach(async () => {
    await slack.muster.core.runs.propose("failover", { target: "west", reason: "a test" }, operator);
  });

  it("goes on the timeline with its link, follows edits, and goes when the reaction does", async () => {
    const message = slack.people.say("observer", "the disk is full");
    await slack.people.react("operator", message, "pushpin");
    await expect
      .poll(pins)
      .toMatchObject([
        { text: "the disk is full", author: "observer", permalink: expect.stringContaining("https://lab.slack.com/") },
      ]);
    await slack.people.edit(message, "it was the network");
    await expect.poll(async () => (await pins())[0]?.text).toBe("it was the network");
    await slack.people.react("operator", message, "pushpin", false);
    await expect.poll(async () => (await pins()).length).toBe(0);
  });

  it("goes when the message is deleted", async () => {
    const message = slack.people.say("observer", "the disk is full");
    await slack.people.react("operator", message, "pushpin");
    await expect.poll(async () => (await pins()).length).toBe(1);
    await slack.people.remove(message);
    await expect.poll(async () => (await pins()).length).toBe(0);
  });

  it("is not pinned by other reactions, nor when it is Muster's own", async () => {
    const message = slack.people.say("observer", "the disk is full");
    await slack.people.react("operator", message, "eyes");
    await expect.poll(() => slack.server.state.messages.find(({ user }) => user === "U0MUSTER")).toBeDefined();
    const own = slack.server.state.messages.find(({ user }) => user === "U0MUSTER")!;
    await slack.people.react("operator", own, "pushpin");
    // What comes after them arrives, so they have been looked at.
    await slack.people.react("operator", slack.people.say("observer", "the last one"), "pushpin");
    await expect.poll(async () => (await pins()).map(({ text }) => text)).toEqual(["the last one"]);
  });
});

describe("the socket", () => {
  it("is opened anew when Slack asks for it, and nothing is lost", async () => {
    const before = slack.server.connections();
    slack.server.refresh();
    await expect.poll(() => slack.server.connections()).toBe(before + 1);
    await expect.poll(() => slack.server.connected()).toBe(true);
    expect(await slack.say("observer", "status")).toContain("served from east");
  });
});
