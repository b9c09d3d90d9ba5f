import type { Stub } from "../../stubs/stub.ts";

/** A fault of production code that the simulator must find by itself, without a test that was written for it. */
export type Mutation = Pick<Stub, "name" | "file" | "find" | "replace">;

/** Only in the simulator's own journal can the store's part be taken away: the others have their contract suite. */
const STORE = "test/simulation/memory-store.ts";

export const mutations: Mutation[] = [
  {
    name: "the store does not look at the epoch",
    file: STORE,
    find: 'if (epoch !== undefined) return { outcome: "fenced", epoch };',
    replace: "void epoch;",
  },
  {
    name: "the store takes a decision on an old version",
    file: STORE,
    find: 'if (stream.length !== request.expectedVersion) return { outcome: "conflict", version: stream.length }; const hash = stream.at(-1)?.hash ?? GENESIS_HASH; if (hash !== (request.expectedHash ?? hash)) return { outcome: "diverged", hash };',
    replace: "",
  },
  {
    name: "the store takes a key twice",
    file: STORE,
    find: 'if (existing) return { outcome: "duplicate", existing };',
    replace: "void existing;",
  },
  {
    name: "a commit goes without its fence",
    file: "src/journal/journal.ts",
    find: "await store.append({ ...request, ...(fence && { fence }) })",
    replace: "await store.append(request)",
  },
  {
    name: "the intent is written after the effect",
    file: "src/runs/perform-step.ts",
    find: 'if (!(await intend(options, attempt, { intent, seen }, context, writes))) return "held";',
    replace: "writes.soon(intend(options, attempt, { intent, seen }, context, writes));",
  },
  {
    name: "the world is changed without a look at the lease",
    file: "src/runs/perform-step.ts",
    find: "if (!context.holds()) throw ranOut(context.fence.lease);",
    replace: "",
  },
  {
    name: "one approval fewer than the quorum is enough",
    file: "src/approvals/fold.ts",
    find: "return approvers.size >= approval.quorum ?",
    replace: "return approvers.size >= Math.max(1, approval.quorum - 1) ?",
  },
  {
    name: "the requester may approve",
    file: "src/approvals/approvals.ts",
    find: "if (approval.excludeRequester && requester === caller.principal)",
    replace: "if (false)",
  },
  {
    name: "what must be done once is sent again",
    file: "src/runs/decide-step.ts",
    find: 'if (step.intended && action.repeat === "once")',
    replace: "if (false)",
  },
  {
    name: "what must be done once is tried again when its time is over",
    file: "src/runs/decide-step.ts",
    find: 'return repeat !== "once" || step.intended === undefined;',
    replace: "return true;",
  },
  {
    name: "a promotion does not wait for its fence",
    file: "src/runs/decide.ts",
    find: "return other !== undefined && !isDone(other);",
    replace: 'return other !== undefined && !isDone(other) && !other.uses.includes("fence");',
  },
  {
    name: "the envelope is not looked at again",
    file: "src/runs/decide.ts",
    find: "if (run.startedAt === undefined || !looksAgain) return { start: true };",
    replace: "return { start: true };",
  },
  {
    name: "a loss may grow beyond its ceiling",
    file: "src/approvals/envelope.ts",
    find: "return loss.seconds > ceiling ?",
    replace: "return false ?",
  },
  {
    name: "a loss over budget is not named to approvers",
    file: "src/approvals/envelope.ts",
    find: "if (known?.withinBudget) return [];",
    replace: "return [];",
  },
  {
    name: "an abort does not stop what is under way",
    file: "src/runs/views.ts",
    find: 'if (run.phase === "aborting") return "aborting";',
    replace: "",
  },
  {
    name: "a target need not be up",
    file: "src/runs/guards.ts",
    find: " targetIsUp,",
    replace: "",
  },
  {
    name: "no guard is asked again at a step",
    file: "src/runs/step-guards.ts",
    find: "if (!action.apply) return [];",
    replace: "if (run || !action.apply) return [];",
  },
  {
    name: "two runs may be under way",
    file: "src/runs/guards.ts",
    find: " oneRunAtATime,",
    replace: "",
  },
  {
    name: "away counts as reached",
    file: "src/runs/decide-step.ts",
    find: 'return assessment.state === "moving" ? { move: "wait" } : onAway(situation, assessment.seen);',
    replace: 'return { move: "verify", seen: assessment.seen, alreadySo: false };',
  },
  {
    name: "anybody may skip a fence",
    file: "src/runs/control.ts",
    find: 'if (planned && isIrreversible(planned, actions) && !caller.roles.includes("commander"))',
    replace: "if (false)",
  },
  {
    name: "two looks at one moment have one key",
    file: "src/detection/sampler.ts",
    find: "key: `replication/${data.store}/${data.source}/${data.target}/${at}/${version}`,",
    replace: "key: `replication/${data.store}/${data.source}/${data.target}/${at}`,",
  },
  {
    name: "what an observer misses because it is late itself counts against the region",
    file: "src/detection/doubt.ts",
    find: "return ok || (ownFault === undefined && lateMs <= TOLERATED_SHARE * timeoutMs);",
    replace: "return ok || ownFault === undefined;",
  },
  {
    name: "the incident of a fault is opened again and again",
    file: "src/incidents/decide.ts",
    find: "if (known) return [];",
    replace: "",
  },
  {
    name: "a run is proposed whose reason is gone when the evidence is there",
    file: "src/runs/propose-by-itself.ts",
    find: "if (!asked) throw noLongerAsked(proposal);",
    replace: "",
  },
  {
    name: "an executor that has failed is not started again",
    file: "src/workers/worker.ts",
    find: "while (!stopping.signal.aborted) { try { await turn();",
    replace: "for (let once = true; once && !stopping.signal.aborted; once = false) { try { await turn();",
  },
];
