import type { ApprovalState, AppState, RunState } from "../../src/state.ts";
import type { StoryOptions } from "./story.ts";

/** What the people of the story do. */
type With = Pick<StoryOptions, "muster" | "hands" | "say">;

/** Somebody leads and somebody writes; that they approve nothing thereby is looked at like everything else. */
export async function meet({ muster, hands, say }: With, incidentId: string): Promise<void> {
  await hands.lead("operator", incidentId);
  await muster.command("observer", "role take", { role: "scribe" });
  say("The operator leads as incident commander, and the observer is scribe.");
}

/** What Muster asked meanwhile, the scribe answers. */
export async function checkIn({ muster, say }: With): Promise<void> {
  const asked = (state: AppState) => (openRoom(state)?.checkInCount ?? 0) > 0;
  const state = await muster.until("a check-in", asked, 30_000);
  const { briefing } = openRoom(state)?.checkIns.at(-1) ?? {};
  await muster.command("observer", "checkin", { text: "The old primary is back, and follows." });
  say(`A check-in was asked (${briefing?.status.at(-1) ?? "nothing"}), and the scribe added a line.`);
}

function openRoom({ incidents, openIncidentId }: AppState) {
  return incidents[openIncidentId ?? ""]?.room;
}

interface Pending {
  approval: ApprovalState;
  run: RunState;
}

export function pendingFor(state: AppState, runbook: string): Pending | undefined {
  for (const approval of Object.values(state.approvals)) {
    const run = state.runs[approval.runId];
    if (approval.phase === "pending" && run?.runbook === runbook) return { approval, run };
  }
  return undefined;
}

/** How long the second of two people watches preparation before pressing all the same. */
const WATCHES_MS = 15_000;

/**
 * Two people read and press, a few seconds apart, the second one when the card shows the target scaled; what must be
 * accepted by name, they accept by name.
 */
export async function decide({ muster, hands, say }: With, runbook: string): Promise<void> {
  const decided = new Set<string>();
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const state = await muster.state();
    const pending = pendingFor(state, runbook);
    if (!pending) return;
    const { approval, run } = pending;
    const who = ["approver-1", "approver-2"].find((one) => !decided.has(`${approval.approvalId}/${one}`));
    await pause(1_500);
    if (who === undefined) continue;
    decided.add(`${approval.approvalId}/${who}`);
    if (who === "approver-2" && runbook === "failover") {
      const isScaled = ({ runs }: AppState) => endOf(runs[run.runId], "scale-target") !== undefined;
      await muster.until("the target to be scaled", isScaled, WATCHES_MS).catch(() => {});
    }
    const accept = approval.mustAccept.map(({ id }) => id);
    if (await hands.approve(who, approval))
      say(
        `${who} approved ${approval.approvalId} for ${run.runId}${accept.length > 0 ? `, accepting ${accept.join(", ")}` : ""}.`,
      );
  }
  throw new Error(`nobody could bring the approval of the ${runbook} to its end`);
}

function endOf(run: RunState | undefined, id: string): string | undefined {
  return run?.steps.find(({ stepId }) => stepId === id)?.endedAt;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
