import { describe, expect, it } from "vitest";
import { timelineEntries } from "../../src/cards/timeline.ts";
import { chatMessages } from "../../src/chat/messages.ts";
import { nowIso } from "../../src/commands/run-view.ts";
import { observerText } from "../../src/events/describe-detection.ts";
import { CHANNEL_KINDS, channelMessages } from "../../src/http/room/channel.ts";
import { scenes } from "../helpers/scenes.ts";

describe("a Muster that is late itself", () => {
  it.each([
    ["in the thread of the incident that is open", "completed", "incident-1"],
    ["in the channel while nothing else is the matter", "calm", undefined],
  ] as const)("is told %s, and when it is over", async (_where, scene, thread) => {
    const core = await scenes[scene]();
    const since = nowIso(core);
    const late = core.emit("observer.late", { lateMs: 2_300, since });
    const punctual = core.emit("observer.punctual", { since });
    const view = { state: core.current(), waiting: [], at: nowIso(core) };
    const ids = [late, punctual].map(({ seq }) => `e${seq}`);
    const told = chatMessages(core.events, view).filter(({ id }) => ids.includes(id));
    expect(told.map(({ card }) => [card.status, card.title.split(":")[0]])).toEqual([
      ["warning", expect.stringMatching(/^Muster itself \(.+\) is late by 2\.3 s$/)],
      ["ok", "Muster sees everything in time again"],
    ]);
    expect(told.map((message) => message.thread)).toEqual([thread, thread]);
    const ofRoom = core.events.filter(({ kind }) => CHANNEL_KINDS.has(kind));
    const inRoom = channelMessages(ofRoom, { ...view, caller: undefined }).map(({ id }) => id);
    expect(inRoom).toEqual(expect.arrayContaining(ids));
    const incident = thread === undefined ? undefined : view.state.incidents[thread];
    const kinds = incident ? timelineEntries(incident, core.events, view.state).map(({ kind }) => kind) : [];
    expect(kinds.filter((kind) => kind.startsWith("observer."))).toEqual(
      incident ? ["observer.late", "observer.punctual"] : [],
    );
  });

  it("says why it cannot look, where it is not by being late", () => {
    const since = "2026-03-07T02:14:00.000Z";
    const blind = { lateMs: 9_000, fault: "too many open files here", instance: "one", since };
    expect(observerText(blind, since)).toMatch(
      /^Muster itself \(one\) cannot look \(too many open files here\): .+ until it can\.$/,
    );
  });
});
