import type { ApprovalState } from "../../src/state.ts";
import type { MusterClient } from "./muster.ts";
import type { PromiseCheck } from "./promises.ts";

/** How the people of the story do what they do. */
export interface Hands {
  /** Says yes, and accepts by name what must be. False when the question does not stand any more. */
  approve(who: string, approval: ApprovalState): Promise<boolean>;
  failBack(who: string, reason: string): Promise<void>;
  /** Becomes incident commander. */
  lead(who: string, incidentId: string): Promise<void>;
  /** What else must have been kept where people had their hands. */
  promises(): Promise<PromiseCheck[]>;
}

/** Over the HTTP API, as the CLI does. */
export function handsOverHttp(muster: MusterClient): Hands {
  return {
    approve: (who, { approvalId: id, mustAccept }) =>
      muster.command(who, "approve", { id, accept: mustAccept.map((one) => one.id) }).then(
        () => true,
        (error: { code?: string }) => {
          // The facts changed under their hands: the new question is asked next.
          if (error.code === "approval-closed") return false;
          throw error;
        },
      ),
    failBack: async (who, reason) => void (await muster.command(who, "failback", { reason })),
    lead: async (who) => void (await muster.command(who, "role take", { role: "incident-commander" })),
    promises: async () => [],
  };
}
