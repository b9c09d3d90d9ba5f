import { approvalCard } from "../src/cards/approval.ts";
import { pendingCard } from "../src/cards/lists.ts";
import { defineCommand } from "../src/commands/command.ts";
import { Empty } from "../src/commands/inputs.ts";
import { approvalView, nowIso } from "../src/commands/run-view.ts";

export const pending = defineCommand({
  name: "pending",
  summary: "List what waits for a decision; one alone is shown in full",
  positionals: [],
  role: "observer",
  readOnly: true,
  input: Empty,
  run: async (_input, core) => {
    const [approvals, state] = [await core.approvals.pending(), await core.state()];
    const at = nowIso(core);
    const views = approvals.map((approval) => approvalView(state, approval, at));
    return { pending: views.filter((view) => view !== undefined), at };
  },
  present: ({ pending: views, at }, caller) => {
    const [first] = views;
    return first && views.length === 1 ? approvalCard(first, caller) : pendingCard(views, at);
  },
});
