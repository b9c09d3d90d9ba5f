import { type Stub, stubs } from "./stub.ts";

const HOLD = ["test/runs/hold.test.ts"];
const PAUSED = "^while a run is paused";
const ABORT = "^an abort";

/** What people do to a run while it goes on, and what must not happen after that. */
export const controlStubs: Stub[] = [
  {
    name: "a step is sent though its run was paused or aborted since it looked",
    file: "src/runs/intend.ts",
    find: "(holdOf(findStep(state, attempt).run) ? [] : [intent])",
    replace: "[intent]",
    tests: HOLD,
  },
  {
    name: "an error of a look ends what people hold",
    file: "src/runs/perform-step.ts",
    find: "if (looked instanceof AppError && hold === undefined) {",
    replace: "if (looked instanceof AppError) {",
    tests: HOLD,
  },
  {
    name: "a question that nobody answers is asked all night",
    file: "src/approvals/unanswered.ts",
    find: "if (paused || ids.length < MOST_IN_A_ROW) return [];",
    replace: "if (ids.length > 0) return [];",
    tests: ["test/approvals/unanswered.test.ts"],
  },
  {
    name: "operators are shown a button to leave out what guards data",
    file: "src/cards/buttons.ts",
    find: "planned?.pointOfNoReturn || run.evidence.guarding?.includes(stepId);",
    replace: "planned?.pointOfNoReturn;",
    tests: ["test/runs/skip-button.test.ts"],
  },
  {
    name: "an attempt that was paused goes on without a look at the approval",
    file: "src/runs/perform-step.ts",
    find: "if (!held || hold !== undefined || step.guarded) continue;",
    replace: "continue;",
    tests: HOLD,
    only: PAUSED,
  },
  {
    name: "the time of an attempt goes on while its run is paused",
    file: "src/runs/perform-step.ts",
    find: "if (held) deadline +=",
    replace: "if (false) deadline +=",
    tests: HOLD,
    only: PAUSED,
  },
  {
    name: "a lost answer is a failure though the run is being aborted",
    file: "src/runs/perform-step.ts",
    find: "if (!isRefusal(report) && (await isAborting(options.journal, attempt)))",
    replace: "if (false)",
    tests: HOLD,
    only: ABORT,
  },
  ...stubs(
    "src/runs/overtaken.ts",
    ["test/runs/rollback.test.ts", "test/incidents/rejoin.test.ts"],
    [
      {
        name: "the button of an aborted rejoin stays when a later run has done it",
        find: 'const rejoin = run.kind === "rejoin" ? rejoinedSince(state, run) : undefined;',
        replace: "const rejoin = undefined as string | undefined;",
      },
      {
        name: "the button that undoes a run stays when it is undone",
        find: 'const rollback = wayBackOf(run) === "rollback" ? undoneSince(state, run) : undefined;',
        replace: "const rollback = undefined as string | undefined;",
      },
    ],
  ),
  ...stubs(
    "src/runs/rollback.ts",
    ["test/runs/rollback.test.ts"],
    [
      {
        name: "a run is undone behind its point of no return",
        find: "ensureBeforeReturn(run);",
        replace: "",
        only: "^a rollback is refused",
      },
      {
        name: "a run is undone though a later one relies on it",
        find: "ensureLatest(state, run);",
        replace: "",
        only: "^a rollback is refused",
      },
      {
        name: "a rollback overwrites what somebody else set since",
        find: "blockers: (seen, input) => undo.blockers(before, seen, input),",
        replace: "blockers: () => [],",
      },
      {
        name: "a rollback undoes in the order in which the run went",
        find: '(b.before?.at ?? "").localeCompare(a.before?.at ?? "") || run.steps.indexOf(b) - run.steps.indexOf(a)',
        replace:
          '(a.before?.at ?? "").localeCompare(b.before?.at ?? "") || run.steps.indexOf(a) - run.steps.indexOf(b)',
      },
    ],
  ),
  ...stubs("src/runs/decide.ts", HOLD, [
    {
      name: "steps start while their run is paused or aborted",
      find: "if (holdOf(run)) return { start: false };",
      replace: "",
    },
    {
      name: "a paused run starts as soon as it is approved",
      find: 'if (run.phase === "proposed" && !run.paused &&',
      replace: 'if (run.phase === "proposed" &&',
      only: PAUSED,
    },
    {
      name: "an aborted run ends while a step is in flight",
      find: "if (under.length === 0) return { ...nothing(), events: [over(run, reason, by)] };",
      replace: "return { ...nothing(), events: [over(run, reason, by)] };",
      only: ABORT,
    },
  ]),
  ...stubs("src/runs/decide-step.ts", HOLD, [
    {
      name: "what is in flight at an abort is treated as if nothing had been said",
      find: 'if (situation.hold === "aborting") return whileAborting(situation);',
      replace: "",
      only: ABORT,
    },
    {
      name: "no step may be left where it is at an abort",
      find: 'if (sent && action.onAbort === "finish" && !timedOut)',
      replace: "if (sent && !timedOut)",
      only: ABORT,
    },
    {
      name: "every step is left where it is at an abort",
      find: 'if (sent && action.onAbort === "finish" && !timedOut) return { move: "wait" };',
      replace: "",
      only: ABORT,
    },
  ]),
];
