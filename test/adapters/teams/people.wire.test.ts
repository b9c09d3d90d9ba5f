import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seen, startTeamsSurface, type TeamsSurface, textOfAnswer } from "../../helpers/teams-surface.ts";

/** What is Teams's own: the contracts of all chats are beside this. */
describe("people in Teams", () => {
  let surface: TeamsSurface;
  beforeEach(async () => {
    surface = await startTeamsSurface();
  });
  afterEach(() => surface.dispose());

  const byBot = () => surface.inChannel().filter(({ from }) => from === surface.teams.botId);
  const alone = (name: string) =>
    surface
      .personal(name)
      .map(({ card, text }) => `${text}${seen(card)}`)
      .join("\n");
  const shownAlone = (name: string, part: string) => expect.poll(() => alone(name)).toContain(part);
  const shown = (part: string) =>
    expect
      .poll(
        () =>
          byBot()
            .map(({ card }) => seen(card))
            .join("\n"),
        { timeout: 10_000 },
      )
      .toContain(part);
  const state = () => surface.muster.core.state();
  const approval = "Approve? Failover east → west";

  it("may speak to the bot with the slash that they know from elsewhere", async () => {
    await surface.people.say("observer", "/dr&nbsp;status");
    await shownAlone("observer", "served from east");
  });

  it("are not answered when they talk to each other", async () => {
    await surface.people.say("operator", "failover west --reason talking", "everybody");
    await surface.people.say("observer", "status");
    await shownAlone("observer", "served from east");
    expect(surface.personal("operator")).toEqual([]);
    expect((await state()).runs).toEqual({});
  });

  it("see their own buttons on a card, and others see what it says", async () => {
    // Teams refreshes for those who have spoken to the bot.
    await surface.people.write("approver-1", "status");
    await surface.people.write("observer", "status");
    await surface.people.say("operator", "failover west --reason test");
    await shown(approval);
    const message = surface.messageWith(approval);
    const cardOf = async (name: string) => seen(await surface.people.look(name, message));
    expect(await cardOf("observer")).not.toContain("Deny");
    expect(await cardOf("approver-1")).toContain("Deny");
    expect(await cardOf("observer")).toContain(approval);
    const { refresh } = message.card as { refresh: { userIds?: string[] } };
    expect(refresh.userIds?.length ?? 0).toBeLessThanOrEqual(60);
  });

  it("are told why not on their own view of the card", async () => {
    await surface.people.say("operator", "failover west --reason test");
    await shown(approval);
    const { body } = await surface.people.press("operator", surface.messageWith(approval), "Approve");
    expect(body).toMatchObject({ statusCode: 200, type: "application/vnd.microsoft.card.adaptive" });
    expect(textOfAnswer(body)).toContain("Only you see this");
    expect(textOfAnswer(body)).toContain(approval);
    // The run's own card may come meanwhile; a refusal is in none of the channel's.
    expect(byBot().filter(({ card }) => seen(card).includes("Only you see this"))).toEqual([]);
  });

  it("decide once, however often Teams delivers the press", async () => {
    await surface.people.say("operator", "failover west --reason test");
    await shown(approval);
    await surface.people.press("approver-1", surface.messageWith(approval), "Approve");
    await surface.teams.redeliver();
    const { approvals } = await state();
    expect(Object.values(approvals).flatMap(({ decisions }) => decisions)).toHaveLength(1);
  });

  it("fill in a form when they name no region", async () => {
    await surface.people.write("operator", "failover");
    await shownAlone("operator", "Serve from");
    const form = surface.personal("operator").at(-1)!;
    const fields = { region: "west", answer: "the region is down", dryRun: "true" };
    const dry = await surface.people.press("operator", form, "Propose", fields);
    expect(textOfAnswer(dry.body)).toContain("west");
    expect((await state()).runs).toEqual({});
    await surface.people.press("operator", form, "Propose", { ...fields, dryRun: "false" });
    await shown("the region is down");
  });

  it("are greeted when they add the app, by what they may do", async () => {
    await surface.people.install("operator");
    await shownAlone("operator", "Fail over …");
    await surface.people.install("stranger");
    await shownAlone("stranger", "not linked");
  });

  it("are asked to add the app when they have no chat with the bot, and nothing else is said there", async () => {
    surface.operator.installed = false;
    await surface.people.say("operator", "status");
    await expect.poll(() => byBot().map(({ text }) => text)).toEqual([expect.stringContaining("Apps, Muster, Add")]);
  });

  it("whom nobody has linked command nothing", async () => {
    await surface.people.write("stranger", "failover west --reason test");
    await shownAlone("stranger", "link");
    expect((await state()).runs).toEqual({});
  });

  it("put a message on the timeline through its menu, take it off, and Muster follows its edits", async () => {
    const { message } = await surface.people.say("observer", "the disks of east are full", "everybody");
    const dialog = async (what: "pin" | "unpin") => {
      const { body } = await surface.people.choose("operator", message, what);
      const { task } = body as { task: { type: string; value: { card: { content: unknown } } } };
      expect(task.type).toBe("continue");
      return seen(task.value.card.content);
    };
    expect(await dialog("pin")).toContain("no incident");
    await surface.people.write("operator", "incident open --title test");
    await surface.people.say("operator", "failover west --reason test");
    await shown(approval);
    expect(await dialog("pin")).toContain("On the timeline of");
    const pins = async () => Object.values((await state()).incidents).flatMap((one) => one.pins);
    expect(await pins()).toMatchObject([{ author: "observer", text: "the disks of east are full" }]);
    await surface.people.edit(message, "the disks of east and west are full");
    await expect.poll(pins).toMatchObject([{ text: "the disks of east and west are full" }]);
    expect(await dialog("unpin")).toContain("not on the timeline any more");
    expect(await pins()).toEqual([]);
    await dialog("pin");
    await surface.people.remove(message);
    await expect.poll(pins).toEqual([]);
  });

  it("cannot put on the timeline what a bot has written", async () => {
    await surface.people.say("operator", "failover west --reason test");
    await shown(approval);
    const { body } = await surface.people.choose("operator", surface.messageWith(approval), "pin");
    expect(JSON.stringify(body)).toContain("Only what people wrote");
  });
});
