import { type Stub, stubs } from "./stub.ts";

const APPROVAL = ["test/runs/approval.test.ts"];
const ENVELOPE = ["test/approvals/envelope.test.ts"];

/** Who decides, on what, and what is done with the decision. */
export const approvalStubs: Stub[] = [
  ...stubs("src/approvals/approvals.ts", APPROVAL, [
    { name: "anybody may approve", find: "authorise(fresh, approval, caller);", replace: "" },
    {
      name: "the requester may approve",
      find: "if (approval.excludeRequester && requester === caller.principal)",
      replace: "if (false)",
    },
    {
      name: "no risk must be accepted by name",
      find: 'if (decision === "approve") ensureAccepted(approval, more.accepted);',
      replace: "",
    },
  ]),
  ...stubs("src/approvals/fold.ts", APPROVAL, [
    {
      name: "one approval is a quorum",
      find: "return approvers.size >= approval.quorum ?",
      replace: "return approvers.size >= 1 ?",
    },
    {
      name: "a no counts as a yes",
      find: 'if (decisions.some(({ decision }) => decision === "deny")) return "denied";',
      replace: "",
    },
  ]),
  {
    name: "a question outlives its run",
    file: "src/approvals/fold.ts",
    find: 'case "run.completed":',
    replace: "",
    tests: ["test/approvals/closed.test.ts"],
  },
  {
    name: "an approval never expires",
    file: "src/runs/decide.ts",
    find: "if (now >= expiresAt) {",
    replace: "if (false) {",
    tests: APPROVAL,
  },
  ...stubs("src/approvals/envelope.ts", ENVELOPE, [
    {
      name: "nothing ever leaves the envelope",
      find: "const changes: EnvelopeChange[] = [];",
      replace: "if (bound) return []; const changes: EnvelopeChange[] = [];",
    },
    {
      name: "verdicts may leave the envelope",
      find: "if (now !== old) changes.push(",
      replace: "if (false) changes.push(",
    },
    {
      name: "readiness may leave the envelope",
      find: "if (readiness && rank(readiness) > rank(bound.readiness))",
      replace: "if (false)",
    },
    {
      name: "losses may leave the envelope",
      find: "return loss.seconds > ceiling ?",
      replace: "return false ?",
    },
    {
      name: "an unknown loss stays in the envelope",
      find: 'if (loss.kind === "unknown") return [{ ...change,',
      replace: 'if (loss.kind === "unknown") return []; if (loss.kind === "unknown") return [{ ...change,',
    },
    {
      name: "a loss over budget needs no acceptance",
      find: "if (known?.withinBudget) return [];",
      replace: "return [];",
    },
  ]),
];
