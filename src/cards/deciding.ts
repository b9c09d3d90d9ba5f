import type { Caller } from "../core.ts";
import type { Evidence } from "../runs/events.ts";
import type { ApprovalState, RunState } from "../state.ts";
import { abortButton, offered } from "./buttons.ts";
import type { CardButton } from "./card.ts";
import { lossShort } from "./loss.ts";
import { overrideTexts } from "./override.ts";

/** What people are asked, and about what. */
interface Question {
  approval: ApprovalState;
  run: RunState;
}

/** Who is asked again sees what is true now, and not what the proposal had seen. */
export function evidenceShown(approval: ApprovalState, run: RunState): Evidence {
  return approval.evidence ?? run.evidence;
}

/** Why this person has no buttons here. */
export function personalNote({ approval, run }: Question, caller: Caller): string | undefined {
  if (approval.decisions.some(({ principal }) => principal === caller.principal))
    return "You have decided; others are still asked.";
  if (approval.excludeRequester && run.requester === caller.principal)
    return "You asked for this run, so others must decide.";
  if (!caller.roles.some((role) => approval.roles.includes(role)))
    return `You may read this; deciding needs the role ${approval.roles.join(" or ")}.`;
  return undefined;
}

export function decisionButtons({ approval, run }: Question, title: string, caller: Caller | undefined): CardButton[] {
  const accept = approval.mustAccept.map(({ id }) => id);
  const losses = evidenceShown(approval, run).losses.map(({ store, loss }) => lossShort(store, loss));
  const accepting = approval.mustAccept.map(({ text }) => `You accept: ${text}`);
  const impact = [...losses.map((text) => `${text}.`), ...accepting].join(" ");
  const broken = overrideTexts(run, approval.requestedAt);
  const id = approval.approvalId;
  return offered(caller, [
    {
      label: accept.length > 0 ? `Approve and accept ${accept.join(", ")}` : "Approve",
      style: "danger",
      command: "approve",
      input: accept.length > 0 ? { id, accept } : { id },
      confirm: [`${title}? ${run.target} takes over from ${run.source}.`, ...broken, impact].join(" ").trim(),
      role: "approver",
    },
    {
      label: "Deny",
      style: "default",
      command: "deny",
      input: { id },
      ask: { field: "reason", label: "Why not?" },
      role: "approver",
    },
    // Waiting needs no button; the third choice about a loss does.
    ...(approval.changes?.length ? [abortButton(run)] : []),
  ]);
}
