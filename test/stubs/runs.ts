import { type Stub, stubs } from "./stub.ts";

const EXECUTOR = ["test/runs/executor.test.ts"];
const APPROVAL = ["test/runs/approval.test.ts"];
const STEP_MOVES = ["test/runs/decide-step.test.ts"];
const INTENT = ["test/runs/intent.test.ts"];

/** Steps: when they start, when they are sent, and when they count as done. */
export const runStubs: Stub[] = [
  ...stubs(
    "src/runs/perform-step.ts",
    ["test/runs/unknown-action.test.ts"],
    [
      {
        name: "a step that another version planned holds up every run for ever",
        find: "if (fitting instanceof AppError) return await endMisfit(options, at, fitting, context);",
        replace: "if (fitting instanceof AppError) throw fitting;",
      },
      {
        name: "a fault in one action holds up every run for ever",
        find: "if (signal.aborted || error instanceof AttemptOver || error instanceof AppError) throw error;",
        replace: "if (error) throw error;",
      },
    ],
  ),
  {
    name: "a bake ends early when the clock is set forward",
    file: "src/runs/attempt.ts",
    find: "return () => Math.round(now + clock.monotonic() - monotonic);",
    replace: "return () => clock.now() + 0 * (now + monotonic);",
    tests: ["test/runs/set-clock.test.ts"],
  },
  {
    name: "a retry waits for a clock that was set back",
    file: "src/runs/decide.ts",
    find: "if (now < retryAt && isPlausible)",
    replace: "if (now < retryAt && isPlausible !== undefined)",
    tests: ["test/runs/set-clock.test.ts"],
  },
  {
    name: "a pause lasts for longer when the clock is set back",
    file: "src/workers/backoff.ts",
    find: "const passedMs = (from: Clocks) => elapsedMs(from, readClocks(clock));",
    replace: "const passedMs = (from: Clocks) => (elapsedMs(from, from), clock.now() - from.now);",
    tests: ["test/workers/backoff.test.ts"],
  },
  ...stubs(
    "src/runs/telling.ts",
    ["test/runs/telling.test.ts"],
    [
      {
        name: "answers that alternate are told for ever",
        find: "return told < AT_ONCE ? 0 :",
        replace: "return told < Number.POSITIVE_INFINITY ? 0 :",
      },
      { name: "what stays so is told late", find: " || now - lookSince >= STAYS_MS", replace: "" },
    ],
  ),
  ...stubs("src/runs/decide-step.ts", STEP_MOVES, [
    {
      name: "away counts as reached",
      find: 'return assessment.state === "moving" ? { move: "wait" } : onAway(situation, assessment.seen);',
      replace: 'return { move: "verify", seen: assessment.seen, alreadySo: false };',
    },
    {
      name: "unknown counts as reached",
      find: "const move = onUnknown(situation, assessment);",
      replace: 'const move = { move: "verify", seen: undefined, alreadySo: false };',
    },
    {
      name: "one lost look asks people",
      find: 'if (retryable && !timedOut && action.effect !== "fence") return { move: "wait" };',
      replace: "",
    },
    {
      name: "what cannot be seen before the intent is looked at for ever",
      find: "if (retryable && !timedOut &&",
      replace: "if (retryable &&",
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
  ...stubs("src/runs/conclude.ts", INTENT, [
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
    { name: "steps do not wait for their needs", find: "if (unmet.length > 0)", replace: "if (false)" },
  ]),
  ...stubs("src/runs/decide.ts", APPROVAL, [
    {
      name: "steps start while people decide",
      find: "if (run.startedAt === undefined && !step.prepare) return { start: false };",
      replace: "return { start: true };",
    },
    {
      name: "an irreversible step does not look at the envelope again",
      find: "if (run.startedAt === undefined || !looksAgain) return { start: true };",
      replace: "return { start: true };",
    },
  ]),
  {
    name: "anybody may skip a fence",
    file: "src/runs/control.ts",
    find: 'if (planned && isIrreversible(planned, actions) && !caller.roles.includes("commander"))',
    replace: "if (false)",
    tests: APPROVAL,
  },
];
