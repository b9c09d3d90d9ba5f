import { type Stub, stubs } from "./stub.ts";

const PRESSES = ["test/approvals/over-http.test.ts"];
const REMINDER = ["test/approvals/reminder.test.ts"];

/** The people behind decisions: who they are, what they may, and that each of them counts once. */
export const peopleStubs: Stub[] = [
  ...stubs("src/approvals/approvals.ts", PRESSES, [
    {
      name: "a second press of one person is not told that the first stands",
      find: "if (before) throw alreadyDecided(approval, before.decision);",
      replace: "",
    },
  ]),
  ...stubs("src/approvals/decide-reminder.ts", REMINDER, [
    {
      name: "nobody is reminded of an approval",
      find: "if (now < half) return { wakeAt: half };",
      replace: "return { wakeAt: late };",
    },
    {
      name: "an approval that nobody answers escalates to nobody",
      find: "if (now >= late) {",
      replace: "if (false) {",
    },
  ]),
];
