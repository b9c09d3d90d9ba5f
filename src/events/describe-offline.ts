import { actorName, clause, count, instant } from "../format.ts";
import type { offlineEvents } from "../offline/events.ts";
import type { Describers } from "./describe.ts";

export const describeOffline: Describers<keyof typeof offlineEvents> = {
  "offline.began": ({ data, actor }) =>
    `${actorName(actor)} began a local run without the store, and confirmed “${clause(data.confirmed)}”: ${clause(data.reason)}.`,
  "offline.imported": ({ data, at, actor }) => {
    const done = data.steps.filter(({ phase }) => phase === "verified").length;
    const what = `${data.runbook} ${data.source} → ${data.target} by ${data.by}, ${data.phase} at ${instant(data.endedAt, at)}`;
    return `Imported by ${actorName(actor)}: a local run without the store (${what}; ${done} of ${count(data.steps.length, "step")} verified).`;
  },
  "offline.event": ({ data }) => `Event of a local run, hash ${data.hash.slice(0, 12)}.`,
};
