import { type Stub, stubs } from "./stub.ts";

const PROPOSE = ["test/runs/propose.test.ts"];
const GUARDS = ["test/runs/guards.test.ts"];
const STEP_GUARDS = ["test/runs/step-guards.test.ts"];
const BREAK_GLASS = ["test/runs/break-glass.test.ts"];
const LOCKS = ["test/locks/locks.test.ts"];

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

/** Each with the code that its tests are named by. */
const stepGuards = {
  someRegionIsUp: "no-healthy-region",
  somebodyCarriesOn: "last-capacity",
  targetIsAllowed: "jurisdiction",
  targetIsUp: "target-unhealthy",
  targetIsNotQuarantined: "target-quarantined",
  readinessIsNotBlocked: "readiness-blocked",
};

/** What must not be started now, and who may start it in spite of that. */
export const guardStubs: Stub[] = [
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
    Object.entries(stepGuards).map(([guard, code]) => ({
      name: `the guard ${guard} is not asked at execution`,
      find: ` ${guard},`,
      replace: "",
      only: `without the guard ${code} `,
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
    only: "the append that would start",
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
    only: "judged by what it sees",
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
    tests: PROPOSE,
  },
];
