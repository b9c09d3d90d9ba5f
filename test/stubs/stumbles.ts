import { type Stub, stubs } from "./stub.ts";

/** What is told to people is of now, and what they are told to do next can be done. */
export const stumbleStubs: Stub[] = [
  ...stubs(
    "src/cli/offline-read.ts",
    ["test/cli/cli.test.ts"],
    [
      {
        name: "a journal read without a server says in the present that all is well",
        find: "OF_NOW.has(command.name) ? asLastKnown(shown, await lastEvent(core), core.now()) : shown",
        replace: "shown",
      },
    ],
  ),
  ...stubs(
    "src/cli/cli.ts",
    ["test/cli/cli.test.ts"],
    [
      {
        name: "the CLI sends what the schema made of the words",
        find: "await client.call(command.name, given)",
        replace: "await client.call(command.name, input)",
      },
    ],
  ),
  ...stubs(
    "src/cli/watch.ts",
    ["test/cli/watch.test.ts"],
    [
      {
        name: "a watch that was interrupted ends as if the run were done",
        find: "return EXIT.interrupted;",
        replace: "return EXIT.done;",
      },
    ],
  ),
  ...stubs(
    "src/cards/war-room.ts",
    ["test/war-room/check-ins.test.ts"],
    [
      {
        name: "an estimate is quoted after its run has ended",
        find: "briefing.eta !== undefined && !runs.some(",
        replace: "briefing.eta !== undefined && false && !runs.some(",
      },
    ],
  ),
  ...stubs(
    "src/runs/break-glass.ts",
    ["test/runs/break-glass.test.ts"],
    [
      {
        name: "a refusal names break-glass where nobody may break anything",
        find: "const breakable = !standing.some(isPromised);",
        replace: "const breakable = true;",
      },
    ],
  ),
  ...stubs(
    "src/commands/run-view.ts",
    ["test/cards/approval.test.ts"],
    [
      {
        name: "who decides late is not shown what was seen since",
        find: '...(approval.phase === "pending" && { now: seenSince(state, approval, run) }),',
        replace: "",
      },
    ],
  ),
  ...stubs(
    "src/cards/status.ts",
    ["test/cards/status.test.ts"],
    [
      {
        name: "a run that gets no further is said to go on",
        find: "const stuck = obstaclesOf(running).length > 0;",
        replace: "const stuck = false;",
      },
    ],
  ),
];
