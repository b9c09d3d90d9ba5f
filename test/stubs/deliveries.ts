import { type Stub, stubs } from "./stub.ts";

const DECIDE = ["test/deliveries/decide-sending.test.ts"];
const WORKER = ["test/deliveries/worker.wire.test.ts"];

/** What pagers, mailboxes and webhooks are told: each thing once, in order, and nothing is lost in silence. */
export const deliveryStubs: Stub[] = [
  ...stubs("src/deliveries/decide-sending.ts", DECIDE, [
    {
      name: "a delivery repeats what the journal says has arrived",
      find: "if (open && sent.some(({ messageId }) => messageId === open.id))",
      replace: "if (open && sent.length < 0)",
    },
    {
      name: "a delivery tells what is of no use any more",
      find: "if (reason !== undefined) return",
      replace: 'if (reason === "") return',
    },
    {
      name: "a delivery holds everything back for one message",
      find: "failingMs < SUSPECT_AFTER_MS",
      replace: "failingMs < Number.POSITIVE_INFINITY",
    },
  ]),
  ...stubs("src/deliveries/worker.ts", WORKER, [
    {
      name: "a delivery is not looked for after a crash",
      find: 'what === "resume"',
      replace: 'what !== "resume" && what !== "send"',
    },
    {
      name: "a delivery that is refused is tried for ever",
      only: "what is refused for itself",
      find: "const givenUp = !error.retryable || suspect === message.id;",
      replace: "const givenUp = false;",
    },
    {
      name: "a message that the other side chokes on is tried for ever",
      only: "what alone does not go through",
      find: "const givenUp = !error.retryable || suspect === message.id;",
      replace: "const givenUp = !error.retryable;",
    },
  ]),
  ...stubs("src/deliveries/queue.ts", WORKER, [
    {
      name: "a delivery begins with last year's",
      find: "{ after: await firstSeq(journal),",
      replace: "{ after: 0,",
    },
  ]),
  ...stubs(
    "adapters/retry-after.ts",
    ["test/adapters/retry-after.test.ts"],
    [
      {
        name: "whoever asks to be left alone for a day is left alone for a day",
        find: "Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms))",
        replace: "Math.max(SHORTEST_MS, ms)",
      },
    ],
  ),
  ...stubs(
    "src/workers/backoff.ts",
    ["test/workers/backoff.test.ts"],
    [
      {
        name: "what fails is tried again every second for ever",
        find: "FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)",
        replace: "FIRST_PAUSE_MS",
      },
    ],
  ),
];
