import { type Stub, stubs } from "./stub.ts";

const EXECUTOR = ["test/runs/executor.test.ts"];
const GUARDS = ["test/runs/guards.test.ts"];
const STEP_GUARDS = ["test/runs/step-guards.test.ts"];
const BREAK_GLASS = ["test/runs/break-glass.test.ts"];
const LOCKS = ["test/locks/locks.test.ts"];
const STEP_MOVES = ["test/runs/decide-step.test.ts"];
const INTENT = ["test/runs/intent.test.ts"];
const ENVELOPE = ["test/approvals/envelope.test.ts"];
const APPROVAL = "^approval ";

const guards = [
  "notTheActiveRegion",
  "somethingToFailBack",
  "oneRunAtATime",
  "someRegionIsUp",
  "targetIsAllowed",
  "targetIsUp",
  "somebodyCarriesOn",
  "applicationIsNotLocked",
  "targetIsNotQuarantined",
  "readinessIsNotBlocked",
];

const stepGuards = [
  "someRegionIsUp",
  "somebodyCarriesOn",
  "targetIsAllowed",
  "targetIsUp",
  "targetIsNotQuarantined",
  "readinessIsNotBlocked",
];

/** Who decides, on what, and what is done with the decision. */
export const runStubs: Stub[] = [
  ...stubs("src/approvals/approvals.ts", EXECUTOR, [
    { name: "anybody may approve", find: "authorise(fresh, approval, caller);", replace: "", only: APPROVAL },
    {
      name: "the requester may approve",
      find: "if (approval.excludeRequester && requester === caller.principal)",
      replace: "if (false)",
      only: APPROVAL,
    },
    {
      name: "no risk must be accepted by name",
      find: 'if (decision === "approve") ensureAccepted(approval, more.accepted);',
      replace: "",
      only: APPROVAL,
    },
  ]),
  ...stubs("src/approvals/fold.ts", EXECUTOR, [
    {
      name: "one approval is a quorum",
      find: "return approvers.size >= approval.quorum ?",
      replace: "return approvers.size >= 1 ?",
      only: APPROVAL,
    },
    {
      name: "a no counts as a yes",
      find: 'if (decisions.some(({ decision }) => decision === "deny")) return "denied";',
      replace: "",
      only: APPROVAL,
    },
  ]),
  {
    name: "an approval never expires",
    file: "src/runs/decide.ts",
    find: "if (now >= expiresAt) {",
    replace: "if (false) {",
    tests: EXECUTOR,
    only: APPROVAL,
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
  {
    name: "the guards let everything through",
    file: "src/runs/guards.ts",
    find: "return guards.map((guard) => guard(state, request)).filter((report) => report !== undefined);",
    replace: "return [];",
    tests: GUARDS,
  },
  ...stubs(
    "src/runs/guards.ts",
    GUARDS,
    guards.map((guard) => ({ name: `the guard ${guard} is not asked`, find: ` ${guard},`, replace: "" })),
  ),
  ...stubs(
    "src/runs/step-guards.ts",
    STEP_GUARDS,
    stepGuards.map((guard) => ({
      name: `the guard ${guard} is not asked at execution`,
      find: ` ${guard},`,
      replace: "",
    })),
  ),
  {
    name: "no guard is asked before a step starts",
    file: "src/runs/decide.ts",
    find: "if (holding.length > 0) {",
    replace: "if (false) {",
    tests: STEP_GUARDS,
  },
  {
    name: "the append that starts a step asks no guard",
    file: "src/runs/perform-step.ts",
    find: "if (!next || !mayStart(state, now.run, planned, clock.now(), actions).start) return [];",
    replace: "if (!next) return [];",
    tests: STEP_GUARDS,
  },
  {
    name: "no guard is asked right before the intent",
    file: "src/runs/intend.ts",
    find: "if (holding.length > 0) return heldEvents(state, run, attempt.stepId, holding);",
    replace: "",
    tests: STEP_GUARDS,
  },
  {
    name: "what a step takes away is guessed, not seen",
    file: "src/runs/capacity.ts",
    find: "if (seen !== undefined && action.capacity) {",
    replace: "if (false) {",
    tests: STEP_GUARDS,
  },
  ...stubs("src/runs/break-glass.ts", BREAK_GLASS, [
    {
      name: "any guard may be overridden by breaking the glass",
      find: "(request.breakGlass === true && BREAKABLE.has(code))",
      replace: "request.breakGlass === true",
    },
    {
      name: "anybody may override a guard",
      find: 'if (!caller.roles?.includes("commander")) {',
      replace: "if (false) {",
    },
    {
      name: "a guard is overridden without a reason",
      find: 'if (reason === undefined || reason.trim() === "") {',
      replace: "if (false) {",
    },
    {
      name: "an overridden guard pages nobody",
      find: "if (guards.length > 0) {",
      replace: "if (false) {",
    },
  ]),
  {
    name: "a broken guard is confirmed by nobody",
    file: "src/runs/propose.ts",
    find: "breaksGlass || needsPeople(",
    replace: "needsPeople(",
    tests: BREAK_GLASS,
  },
  {
    name: "a broken guard is confirmed by the one who broke it",
    file: "src/approvals/decide.ts",
    find: "...(about.breaksGlass && { excludeRequester: true }),",
    replace: "",
    tests: BREAK_GLASS,
  },
  {
    name: "who should confirm a broken guard is not asked any more when the loss is small",
    file: "src/approvals/decide.ts",
    find: "if (run.overridden || runbookOf(run)",
    replace: "if (runbookOf(run)",
    tests: BREAK_GLASS,
  },
  {
    name: "a guard that was overridden holds at execution",
    file: "src/runs/step-guards.ts",
    find: ".filter(({ guard }) => !overridden.has(guard));",
    replace: ";",
    tests: BREAK_GLASS,
  },
  {
    name: "one overridden guard is all of them",
    file: "src/runs/step-guards.ts",
    find: "!overridden.has(guard)",
    replace: "guard !== undefined && overridden.size === 0",
    tests: BREAK_GLASS,
  },
  ...stubs("src/locks/locks.ts", LOCKS, [
    { name: "a lock is set twice", find: "if (fresh.lock) throw alreadyLocked(fresh.lock);", replace: "" },
    {
      name: "anybody lifts a lock",
      find: 'if (by !== caller.principal && !caller.roles.includes("commander")) throw notTheirs(lifted, caller);',
      replace: "",
    },
  ]),
  {
    name: "a lock never ends by itself",
    file: "src/locks/decide.ts",
    find: "if (now < endsAt) return",
    replace: "if (endsAt > 0) return",
    tests: LOCKS,
  },
  ...stubs("src/incidents/decide.ts", LOCKS, [
    { name: "a failover proposes itself under a lock", find: "if (state.lock) return [];", replace: "" },
    {
      name: "a returned region is fenced while the active one is down",
      find: 'if (verdictClass(state.regions[state.active]?.verdict ?? "unknown") !== "up") return [];',
      replace: "",
    },
  ]),
  {
    name: "a lock leaves two primaries",
    file: "src/runs/guards.ts",
    find: 'if (!lock || runbook.kind === "rejoin") return undefined;',
    replace: "if (!lock) return undefined;",
    tests: LOCKS,
  },
  {
    name: "a proposal is made without asking the guards",
    file: "src/runs/break-glass.ts",
    find: "if (!first) return reports;",
    replace: "return reports;",
    tests: EXECUTOR,
    only: "^bad requests",
  },
  ...stubs("src/runs/decide-step.ts", STEP_MOVES, [
    {
      name: "away counts as reached",
      find: 'return assessment.state === "moving" ? { move: "wait" } : onAway(situation, assessment.seen);',
      replace: 'return { move: "verify", seen: assessment.seen, alreadySo: false };',
    },
    {
      name: "unknown counts as reached",
      find: "const move = onUnknown(situation, assessment.reason);",
      replace: 'const move = { move: "verify", seen: undefined, alreadySo: false };',
    },
    {
      name: "a lost answer of a once action is sent again",
      find: 'if (step.intended && action.repeat === "once")',
      replace: "if (false)",
    },
    {
      name: "what must be once is tried again by itself when its time is over",
      find: 'return repeat !== "once" || step.intended === undefined;',
      replace: "return true;",
    },
    {
      name: "unknown permits a repeat",
      find: 'if (step.intended) return { move: "wait" };',
      replace: "",
    },
    { name: "blockers block nothing", find: "action.blockers?.(seen, input) ?? []", replace: "[]" },
    {
      name: "a fence out of sight counts as accepted",
      find: 'if (action.effect === "fence" && accepted.has(acceptance))',
      replace: 'if (action.effect === "fence")',
    },
    { name: "a step has all the time in the world", find: "if (timedOut) return timeout(situation);", replace: "" },
  ]),
  ...stubs("src/runs/intend.ts", INTENT, [
    {
      name: "an effect has no intent before it",
      find: "? [] : [intent])); return events.includes(intent);",
      replace: "? [] : [])); return true;",
    },
    {
      name: "the intent is not waited for",
      find: "? [] : [intent])); return events.includes(intent);",
      replace: "? [] : [])); setTimeout(() => writes.now(attempt, [intent]).catch(() => {}), 100); return true;",
    },
  ]),
  ...stubs("src/runs/perform-step.ts", INTENT, [
    {
      name: "a region that was failed away from is not quarantined",
      find: "...quarantine(state, attempt),",
      replace: "",
    },
  ]),
  {
    name: "each store's promotion starts the quarantine again",
    file: "src/runs/attempt.ts",
    find: "if (state.regions[source]?.quarantine) return [];",
    replace: "",
    tests: INTENT,
  },
  {
    name: "a step writes without its lease",
    file: "src/runs/attempt.ts",
    find: 'return typeof events === "function" ? events(state) : events; }, { fence },',
    replace: 'return typeof events === "function" ? events(state) : events; }, {},',
    tests: INTENT,
  },
  ...stubs("src/runs/decide.ts", EXECUTOR, [
    { name: "steps do not wait for their needs", find: "if (unmet.length > 0)", replace: "if (false)", only: "^a run" },
    {
      name: "steps start while people decide",
      find: "if (run.startedAt === undefined && !step.prepare) return { start: false };",
      replace: "return { start: true };",
      only: APPROVAL,
    },
    {
      name: "an irreversible step does not look at the envelope again",
      find: "if (run.startedAt === undefined || !looksAgain) return { start: true };",
      replace: "return { start: true };",
      only: APPROVAL,
    },
  ]),
  {
    name: "anybody may skip a fence",
    file: "src/runs/control.ts",
    find: 'if (planned && isIrreversible(planned, actions) && !caller.roles.includes("commander"))',
    replace: "if (false)",
    tests: EXECUTOR,
    only: APPROVAL,
  },
  ...stubs(
    "src/detection/loss.ts",
    ["test/detection/loss.test.ts"],
    [
      { name: "nothing is ever unreplicated", find: "if (bytes === 0)", replace: "if (true)" },
      {
        name: "every loss is within budget",
        find: 'return loss.kind !== "unknown" && loss.seconds <= budgetSeconds;',
        replace: "return true;",
      },
      {
        name: "an unknown loss is within budget",
        find: 'loss.kind !== "unknown" && loss',
        replace: 'loss.kind === "unknown" || loss',
      },
      {
        name: "positions of different histories compare",
        find: "if (head.history !== last.replica.history)",
        replace: "if (false)",
      },
    ],
  ),
  ...stubs(
    "src/detection/verdicts.ts",
    ["test/detection/verdicts.test.ts"],
    [
      {
        name: "one failure is a region down",
        find: "const failing = rows.filter((row) => row.failures >= detection.downAfter);",
        replace: "const failing = rows.filter((row) => row.failures >= 1);",
      },
      {
        name: "some failing probes are a region down",
        find: "if (failing.length === rows.length)",
        replace: "if (failing.length > 0)",
      },
      {
        name: "one good answer is a recovery",
        find: 'current === "healthy" ? 0 : detection.healthyAfter;',
        replace: 'current === "healthy" ? 0 : 1;',
      },
    ],
  ),
  ...stubs(
    "src/incidents/decide.ts",
    ["test/incidents/decide.test.ts"],
    [
      {
        name: "each look at a region that is down opens an incident",
        find: 'if (region?.verdict !== "down" || state.openIncidentId !== undefined) return [];',
        replace: 'if (region?.verdict !== "down") return [];',
      },
      {
        name: "a fault whose incident was resolved opens it again and again",
        find: "if (known) return [];",
        replace: "",
      },
      {
        name: "what people denied is asked again by itself",
        find: "if (incident.runIds.some((id) => state.runs[id]?.runbook === runbook.name)) return [];",
        replace: "",
      },
      {
        name: "a failover is proposed to a region in quarantine",
        find: "&& !quarantine && isAllowed(plan, code)",
        replace: "&& isAllowed(plan, code)",
      },
      {
        name: "a failover is proposed out of the jurisdiction",
        find: "&& !quarantine && isAllowed(plan, code)",
        replace: "&& !quarantine",
      },
      {
        name: "quarantine ends with the first good answer",
        find: ".filter(({ at }) => now >= at)",
        replace: "",
      },
      {
        name: "quarantine ends before the stores follow",
        find: " || !follows(plan, state, code, quarantine.since)",
        replace: "",
      },
      {
        name: "an incident is resolved while a region is not well",
        find: 'if (regions.some(({ verdict, quarantine }) => verdict !== "healthy" || quarantine)) return [];',
        replace: "",
      },
    ],
  ),
  {
    name: "a command asks nobody for a role",
    file: "src/commands/dispatch.ts",
    find: "checkRole(options, command, caller);",
    replace: "",
    tests: ["test/commands/dispatch.test.ts"],
  },
  {
    name: "a token that ran out is good",
    file: "src/people/people.ts",
    find: "now() < expiresMs",
    replace: "true",
    tests: ["test/people/people.test.ts"],
  },
  {
    name: "a post of another site is taken",
    file: "src/http/guard.ts",
    find: 'if (unsafe && c.get("via") !== "token" && !sameOrigin(c))',
    replace: "if (false)",
    tests: ["test/http/guard.test.ts"],
  },
];
