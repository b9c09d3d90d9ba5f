import { describe, expect, it } from "vitest";
import { incidentCard } from "../../src/cards/incident.ts";
import { statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { summaryCard } from "../../src/cards/summary.ts";
import { handoverCard, rolesCard } from "../../src/cards/war-room.ts";
import { chatMessages } from "../../src/chat/messages.ts";
import { AppError } from "../../src/errors.ts";
import { describeEvent } from "../../src/events/describe.ts";
import { channelMessages } from "../../src/http/room/channel.ts";
import { sideHtml } from "../../src/http/room/side.ts";
import { known, person } from "../helpers/core.ts";
import { type RoomStory, roomStory } from "../helpers/war-room-story.ts";

const [operator, approver1, observer] = ["operator", "approver-1", "observer"].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
];
const holders = (story: RoomStory) =>
  Object.fromEntries(Object.entries(story.room().roles).map(([role, { principal }]) => [role, principal]));
const kinds = (story: RoomStory) =>
  story.events().flatMap(({ kind }) => (/^(role|handover|checkin)\./.test(kind) ? [kind] : []));
const latest = (story: RoomStory) => {
  const event = story.events().at(-1);
  return event ? describeEvent(event, story.state()) : "";
};
const incidentOf = (story: RoomStory) => story.state().incidents["inc-1"]!;

async function refusal(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

describe("a role in an incident", () => {
  it("is taken by whoever is there, also by somebody who may only look, and counts once", async () => {
    const story = roomStory();
    await story.people.take({ role: "scribe" }, observer);
    await story.people.take({ role: "scribe" }, observer);
    await story.people.take({ role: "incident-commander" }, operator);
    expect(holders(story)).toEqual({ scribe: "observer", "incident-commander": "operator" });
    expect(kinds(story)).toEqual(["role.taken", "role.taken"]);
    expect(latest(story)).toBe("operator is incident commander now.");
  });

  it("is taken from somebody only by saying from whom, and only while it is theirs", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, operator);
    const refused = await refusal(story.people.take({ role: "incident-commander" }, approver1));
    expect(refused.summary).toBe("operator is incident commander.");
    expect(refused.hint).toContain("role take incident-commander --from operator");
    await refusal(story.people.take({ role: "incident-commander", from: "observer" }, approver1));
    expect(holders(story)).toEqual({ "incident-commander": "operator" });
    await story.people.take({ role: "incident-commander", from: "operator" }, approver1);
    expect(holders(story)).toEqual({ "incident-commander": "approver-1" });
    expect(latest(story)).toBe("approver-1 is incident commander now, in place of operator.");
  });

  it("asks on its button before it is taken over, in the name of whoever has it", async () => {
    const story = roomStory();
    await story.people.take({ role: "communications" }, operator);
    const card = rolesCard({ incident: incidentOf(story), at: story.now() }, approver1);
    const over = card.buttons?.find(({ label }) => label === "Take over: communications");
    expect(over).toMatchObject({
      command: "role take",
      input: { role: "communications", from: "operator" },
      confirm: "operator is communications. Take over from operator?",
    });
    const free = card.buttons?.find(({ label }) => label === "Take: scribe");
    expect(free?.confirm).toBeUndefined();
  });

  it("is given up by who has it and by nobody else, and given to people that there are", async () => {
    const story = roomStory();
    await story.people.give({ role: "scribe" }, "observer", operator);
    expect(latest(story)).toBe("operator made observer scribe.");
    expect((await refusal(story.people.release("scribe", operator))).summary).toBe("observer is scribe.");
    await story.people.release("scribe", observer);
    expect(holders(story)).toEqual({});
    expect(latest(story)).toBe("observer is not scribe any more; nobody is.");
    const unknown = await refusal(story.people.give({ role: "scribe" }, "observr", operator));
    expect(unknown).toMatchObject({ code: "unknown-principal", hint: "Did you mean observer?" });
  });

  it("belongs to an open incident", async () => {
    const story = roomStory();
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" });
    expect((await refusal(story.people.take({ role: "scribe" }, observer))).summary).toBe("No incident is open.");
  });

  it("shows on the incident's card, with the link and a button for what nobody does", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, operator);
    const link = "https://meet.example.com/shop-inc-1";
    const card = incidentCard({ incident: incidentOf(story), runs: [], link, at: story.now() }, observer);
    expect(card.facts).toContainEqual({
      label: "Roles",
      value: "incident commander: operator; communications: nobody; scribe: nobody",
    });
    expect(card.links).toEqual([{ label: "War room", url: link }]);
    expect(card.buttons?.map(({ label }) => label)).toEqual(["Take: communications", "Take: scribe", "Roles"]);
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" });
    const over = incidentCard({ incident: incidentOf(story), runs: [], link, at: story.now() }, observer);
    expect(over).toMatchObject({ buttons: [] });
    expect(over.links).toBeUndefined();
  });
});

describe("the link", () => {
  it("is made for each incident and stands where people look, and not on the public's page", async () => {
    const story = roomStory();
    const view = statusView(known(story.state()), story.plan, story.now());
    const url = "https://meet.example.com/shop-inc-1";
    expect(statusCard(view).links).toEqual([{ label: "War room", url }]);
    expect(summaryCard({ status: view, incident: incidentOf(story) }).links).toEqual([{ label: "War room", url }]);
    expect(sideHtml(view).markup).toContain(`<a href="${url}" target="_blank" rel="noopener noreferrer">`);
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" });
    const after = statusView(known(story.state()), story.plan, story.now());
    expect(statusCard(after).links).toBeUndefined();
    expect(sideHtml(after).markup).not.toContain("War room");
  });
});

describe("a handover", () => {
  it("changes nothing until the one who was asked accepts, who sees state, open questions and what comes next", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, operator);
    await story.people.offer("approver-1", "I must sleep.", operator);
    expect(holders(story)).toEqual({ "incident-commander": "operator" });
    const [offer] = story.room().handovers;
    const card = handoverCard(offer!, incidentOf(story), approver1);
    expect(card.title).toBe("Handover: operator asks approver-1 to lead inc-1");
    const text = card.text?.join("\n") ?? "";
    expect(text).toContain("us-east-1 down");
    expect(text).toContain("Open: nothing waits for anybody.");
    expect(text).toContain("Next: ");
    expect(card.facts).toEqual([{ label: "operator says", value: "I must sleep." }]);
    expect(card.buttons?.map(({ label }) => label)).toEqual(["Accept: I lead", "Decline"]);
    expect(handoverCard(offer!, incidentOf(story), observer).buttons).toEqual([]);
    expect(handoverCard(offer!, incidentOf(story), operator).buttons?.map(({ label }) => label)).toEqual([
      "Take it back",
    ]);
    await story.people.accept(approver1);
    await story.people.accept(approver1);
    expect(holders(story)).toEqual({ "incident-commander": "approver-1" });
    expect(latest(story)).toBe("approver-1 took over as incident commander from operator, who had asked.");
    const after = handoverCard(story.room().handovers[0]!, incidentOf(story), approver1);
    expect(after).toMatchObject({ status: "muted", buttons: [] });
    expect(after.title).toContain("· accepted");
  });

  it("is asked for by whoever leads, accepted by who was asked, and by nobody else", async () => {
    const story = roomStory();
    expect((await refusal(story.people.offer("approver-1", undefined, operator))).summary).toBe(
      "Nobody is incident commander.",
    );
    await story.people.take({ role: "incident-commander" }, operator);
    expect((await refusal(story.people.offer("nobody", undefined, operator))).code).toBe("unknown-principal");
    await refusal(story.people.offer("operator", undefined, operator));
    await story.people.offer("approver-1", undefined, operator);
    await story.people.offer("approver-1", undefined, operator);
    expect(kinds(story)).toEqual(["role.taken", "handover.offered"]);
    expect((await refusal(story.people.accept(observer))).hint).toContain("Only approver-1 can accept");
    await story.people.decline(approver1);
    expect((await refusal(story.people.accept(approver1))).summary).toBe("No handover waits for an answer.");
    expect(holders(story)).toEqual({ "incident-commander": "operator" });
  });

  it("is over when another is named, or when the role goes another way", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, operator);
    await story.people.offer("approver-1", undefined, operator);
    await story.people.offer("observer", undefined, operator);
    expect(story.room().handovers.map(({ phase }) => phase)).toEqual(["void", "offered"]);
    await refusal(story.people.accept(approver1));
    await story.people.take({ role: "incident-commander", from: "operator" }, approver1);
    expect(story.room().handovers.map(({ phase }) => phase)).toEqual(["void", "void"]);
    await refusal(story.people.accept(observer));
  });

  it("is the only way in which whoever leads gives the lead away", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, operator);
    const refused = await refusal(story.people.give({ role: "incident-commander" }, "approver-1", operator));
    expect(refused.hint).toContain("handover approver-1");
  });

  it("is a question in the channel, with its buttons while it is open", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, operator);
    await story.people.offer("approver-1", undefined, operator);
    const inChat = () =>
      chatMessages(story.events(), { state: story.state(), waiting: [], at: story.now() }).find(
        ({ id }) => id === "inc-1-handover-1",
      );
    expect(inChat()).toMatchObject({ form: "card", card: { status: "waiting" } });
    expect(inChat()?.thread).toBeUndefined();
    const inRoom = channelMessages(story.events(), {
      state: story.state(),
      waiting: [],
      at: story.now(),
      caller: approver1,
    });
    const shown = inRoom.flatMap(({ content }) => (content.kind === "card" ? [content] : []));
    expect(shown.at(-1)?.card.buttons?.map(({ command }) => command)).toEqual(["handover accept", "handover decline"]);
    await story.people.accept(approver1);
    expect(inChat()).toMatchObject({ over: true, card: { status: "muted", buttons: [] } });
  });
});
