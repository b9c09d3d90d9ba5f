import type { chatEvents } from "../chat/events.ts";
import { actorName, clause, clip, elapsed, instant } from "../format.ts";
import type { Describers } from "./describe.ts";
import { pinOf } from "./pins.ts";
import { systemName } from "./system-name.ts";

const LONGEST = 500;

export const describeChat: Describers<keyof typeof chatEvents> = {
  "chat.lost": ({ data }) =>
    `${systemName(data.chat)} cannot be reached (${data.code}): ${clause(data.summary)}. The CLI and the control room go on.`,
  "chat.restored": ({ data, at }) =>
    `${systemName(data.chat)} is reached again, after ${elapsed(data.since, at)} without contact.`,
  "timeline.pinned": (event, state) => {
    const { data, at, actor } = event;
    const text = clip((pinOf(event, state)?.text ?? data.text).trim(), LONGEST);
    const when = instant(data.writtenAt, at);
    return `Pinned by ${actorName(actor)}: ${data.author} in ${systemName(data.chat)} at ${when}: “${text}”`;
  },
  "timeline.edited": ({ data }) =>
    `A pinned message in ${systemName(data.chat)} was edited: “${clip(data.text.trim(), LONGEST)}”`,
  "timeline.unpinned": ({ data, actor }) =>
    `A message in ${systemName(data.chat)} was taken off the timeline by ${actorName(actor)}.`,
};
