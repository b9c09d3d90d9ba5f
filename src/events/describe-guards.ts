import { actorName, instant, list, sentence } from "../format.ts";
import type { Describers } from "./describe.ts";

type GuardKind =
  | "guard.held"
  | "guard.released"
  | "guard.overridden"
  | "lock.set"
  | "lock.lifted"
  | "lock.expired"
  | "lock.overridden";

export const describeGuards: Describers<GuardKind> = {
  "guard.held": ({ data }) => {
    const held = data.guards.map(({ guard, summary, until }) => `${summary} (${guard}), until ${until}`);
    return sentence(`Step ${data.stepId} of ${data.runId} is held by a guard: ${held.join("; ")}`);
  },
  "guard.released": ({ data }) =>
    `Step ${data.stepId} of ${data.runId} goes on: nothing holds it any more (${list(data.guards)}).`,
  "guard.overridden": ({ data, actor }) => {
    const guards = data.guards.map(({ guard, summary }) => `${guard}: ${sentence(summary)}`).join(" ");
    return `BREAK-GLASS: ${actorName(actor)} overrode the guards of ${data.runId}. ${guards} Reason: ${sentence(data.reason)}`;
  },
  "lock.set": ({ data, actor, at }) => {
    const until = data.until ? ` until ${instant(data.until, at)}` : "";
    return `Application locked by ${actorName(actor)}${until} (${data.lockId}), no new runs: ${sentence(data.reason)}`;
  },
  "lock.lifted": ({ data, actor }) =>
    `Lock ${data.lockId} lifted by ${actorName(actor)}${data.reason ? `: ${sentence(data.reason)}` : "."}`,
  "lock.expired": ({ data }) => `Lock ${data.lockId} ended; its time was over.`,
  "lock.overridden": ({ data, actor }) =>
    `${actorName(actor)} had ${data.runId} proposed in spite of ${data.lockId}, which ${data.lockedBy} had set (${sentence(data.lockReason)}). Reason: ${sentence(data.reason)}`,
};
