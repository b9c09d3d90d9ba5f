import { type Stub, stubs } from "./stub.ts";

const VERIFY = ["test/adapters/slack/verify.test.ts"];
const DOOR = ["test/adapters/slack/door.test.ts"];
const PEOPLE = ["test/adapters/slack/people.wire.test.ts"];
const WORKING = ["test/adapters/slack/working.wire.test.ts"];
const CHECKS = ["test/adapters/slack/checks.test.ts"];
const PORT = ["test/adapters/slack/port.wire.test.ts"];
const PAGE = ["test/adapters/slack/page.wire.test.ts"];

/** Slack: who is let in, what people see and press, and one card for one thing. */
export const slackStubs: Stub[] = [
  ...stubs("adapters/chat/slack/verify.ts", VERIFY, [
    {
      name: "a Slack request of the future is let in",
      find: "if (Math.abs(nowMs / 1_000 - Number(timestamp)) > WINDOW_SECONDS) return false;",
      replace: "if (nowMs / 1_000 - Number(timestamp) > WINDOW_SECONDS) return false;",
    },
  ]),
  ...stubs("adapters/chat/slack/receiver.ts", DOOR, [
    {
      name: "a signed body that Slack never sends goes on to Bolt",
      find: 'if (contentType.includes("application/json")) return Delivery.parse(JSON.parse(body));',
      replace: 'if (contentType.includes("application/json")) return JSON.parse(body);',
    },
  ]),
  ...stubs("adapters/chat/slack/listeners.ts", PEOPLE, [
    {
      name: "a Slack form is opened where one can only be pushed",
      find: "push ? await client.views.push(shown) : await client.views.open(shown)",
      replace: "push ? await client.views.open(shown) : await client.views.push(shown)",
    },
    {
      name: "a Slack dialog stays behind the form that was opened from it",
      find: 'await ack({ response_action: "clear" });',
      replace: "await ack();",
    },
    {
      name: "a failback in Slack is asked for without its evidence",
      find: 'if (command === "failover" || !opened?.id || !opened.hash) return;',
      replace: "return;",
    },
  ]),
  ...stubs("adapters/chat/slack/listeners.ts", WORKING, [
    {
      name: "a command that Slack delivers again is said to be worked on again",
      find: "context.retryNum === undefined ? working(where, verb, handle) : handle()",
      replace: "working(where, verb, handle)",
    },
  ]),
  ...stubs("adapters/chat/slack/reply.ts", WORKING, [
    {
      name: "a sign of work replaces the channel's message whose button was pressed",
      find: "replace_original: false",
      replace: "replace_original: true",
    },
  ]),
  ...stubs("adapters/chat/under-way.ts", WORKING, [
    {
      name: "what is answered at once is said to be under way first",
      find: "await pause(afterMs, undefined, { signal, ref: false });",
      replace: "",
    },
    {
      name: "an answer waits for a sign that the chat does not take",
      find: "showSigns(sign, over.signal).catch(",
      replace: "await showSigns(sign, over.signal).catch(",
    },
  ]),
  ...stubs("adapters/chat/slack/pins.ts", PEOPLE, [
    {
      name: "any reaction in Slack pins a message",
      only: "not pinned by other reactions",
      find: "|| !pinEmoji.includes(event.reaction)",
      replace: "",
    },
  ]),
  ...stubs("adapters/chat/slack/chat.ts", PORT, [
    {
      name: "a Slack message carries no marker to find it by",
      find: "metadata: { event_type: EVENT_TYPE, event_payload: { marker } },",
      replace: "",
    },
  ]),
  ...stubs("adapters/chat/slack/checks.ts", CHECKS, [
    {
      name: "the doctor does not miss a scope in Slack",
      find: ".filter((scope) => !granted.has(scope))",
      replace: ".filter(() => granted.size < 0)",
    },
    {
      name: "the doctor does not see that the bot is not in the channel",
      find: "if (channel?.is_member)",
      replace: "if (channel)",
    },
  ]),
  ...stubs(
    "src/chat/work-queue.ts",
    ["test/chat/work-queue.test.ts"],
    [
      {
        name: "work that a chat brings begins before what came with it is acknowledged",
        find: "await nextTurn();",
        replace: "",
      },
    ],
  ),
  ...stubs(
    "src/chat/delivery.ts",
    ["test/chat/delivery.test.ts"],
    [
      {
        name: "the end of a run waits in a chat behind its timeline",
        find: "({ message }) => !isTimeline(message) && now",
        replace: "({ message }) => isTimeline(message) && now",
      },
    ],
  ),
  ...stubs("lab/chat-page.ts", PAGE, [
    {
      name: "another site presses buttons on the page of the Slack emulator",
      find: "|| (origin !== undefined && origin !== `http://${host}`)",
      replace: "",
    },
  ]),
];
