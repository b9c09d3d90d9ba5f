import { type Stub, stubs } from "./stub.ts";

const DECIDE = ["test/comms/decide.test.ts"];
const PEOPLE = ["test/comms/people.test.ts"];
const FOLLOWER = ["test/comms/follower.test.ts"];
const HTTP = ["test/http/status.test.ts"];
const OWN = ["test/adapters/status-page/self-hosted.test.ts"];
const ATLASSIAN = ["test/adapters/status-page/atlassian.test.ts"];

/** What the public is told: only what is so, once, and nothing from inside. */
export const commsStubs: Stub[] = [
  ...stubs("src/comms/decide-truth.ts", DECIDE, [
    {
      name: "the public hears of a failover that there is not",
      find: "failing.length > 0 && failover !== undefined && !suspect",
      replace: "failing.length > 0 && !suspect",
    },
  ]),
  ...stubs("src/comms/decide.ts", DECIDE, [
    {
      name: "the public is told by itself when every region looks down",
      find: 'if (drill || suspect) return "ask";',
      replace: 'if (drill) return "ask";',
    },
    {
      name: "the public is told of a drill",
      find: 'if (drill || suspect) return "ask";',
      replace: 'if (suspect) return "ask";',
    },
    {
      name: "the public is told what is no longer so",
      find: "if (skipped.length > 0) return { events: skipped };",
      replace: "",
    },
  ]),
  ...stubs("src/comms/comms.ts", PEOPLE, [
    {
      name: "a person posts to the public what is not so",
      find: "if (!failed && !update.edited) ensureTrue(plan, state, incident, stage);",
      replace: "",
    },
  ]),
  ...stubs("src/comms/decide-words.ts", PEOPLE, [
    {
      name: "the public is promised a moment that has passed",
      find: "return ms > 0 && at > now ?",
      replace: "return ms > 0 ?",
    },
  ]),
  ...stubs(
    "src/comms/decide-wording.ts",
    ["test/comms/decide-wording.test.ts"],
    [
      {
        name: "a model's words are posted though they are not so by now",
        find: "if (publicTextFaults(said, stage, facts, context).length > 0) return",
        replace: "if (said === undefined) return",
      },
      {
        name: "an update waits for a model as long as the model likes",
        find: "if (!answer && now < until) return { waitUntil: until };",
        replace: "if (!answer) return { waitUntil: until };",
      },
    ],
  ),
  ...stubs(
    "src/comms/scheduler.ts",
    ["test/comms/removed-page.test.ts"],
    [
      {
        name: "an update is open for ever at a page that is not configured any more",
        only: "taken out of the configuration",
        find: "if (gone.events.length > 0) {",
        replace: "if (gone.events.length < 0) {",
      },
    ],
  ),
  ...stubs(
    "src/comms/decide-abandoned.ts",
    ["test/comms/removed-page.test.ts"],
    [
      {
        name: "a page is given up that another instance knows",
        find: "const AFTER_MS = 60_000;",
        replace: "const AFTER_MS = 0;",
      },
    ],
  ),
  ...stubs("src/comms/decide-delivery.ts", PEOPLE, [
    {
      name: "a status page is asked without end for what it refuses",
      find: "last.failed[destination]?.retrying === false",
      replace: "false",
    },
  ]),
  ...stubs("src/comms/decide.ts", FOLLOWER, [
    {
      name: "an update is called skipped while it is being posted",
      find: "|| isBeingPosted(update)",
      replace: "",
    },
  ]),
  ...stubs("src/status-page/follower.ts", FOLLOWER, [
    {
      name: "nobody looks what became of an update that was overtaken while it was being posted",
      only: "looks what became of one",
      find: "const unclear = update ? undefined : unclearPosting(state, page.id);",
      replace: "const unclear = update && undefined;",
    },
  ]),
  ...stubs("src/status-page/deliver.ts", FOLLOWER, [
    {
      name: "a status update is not looked for after a crash",
      find: 'if (before?.state !== "posting") return before?.ref;',
      replace: "if (before) return before.ref;",
    },
    {
      name: "an incident is begun twice when an update was overtaken by a crash",
      find: "now = await settle(one, now);",
      replace: "",
    },
    {
      name: "an update is posted though it was skipped since it was chosen",
      find: "return update && isFree(update) ? update : undefined;",
      replace: "return update;",
    },
  ]),
  ...stubs(
    "src/comms/decide-contradiction.ts",
    ["test/comms/contradiction.test.ts"],
    [
      {
        name: "a page that lies is told of every minute",
        find: "lasting.every((one) => told.has(subjectOf(one)))",
        replace: "lasting.length === 0",
      },
    ],
  ),
  ...stubs(
    "src/status-page/check.ts",
    ["test/comms/truth-check.test.ts"],
    [
      {
        name: "a page is told to lie because it was being changed",
        find: "lastingOf(found, before)",
        replace: "found",
      },
    ],
  ),
  ...stubs(
    "src/status-page/follower.ts",
    ["test/comms/truth-check.test.ts"],
    [
      {
        name: "a page that lies is left lying",
        find: "if (await check.look(state)) shown = undefined;",
        replace: "await check.look(state);",
      },
    ],
  ),
  ...stubs(
    "src/mail/list.ts",
    ["test/mail/list.test.ts"],
    [
      {
        name: "a mail that is sent again looks like another one",
        find: "JSON.stringify([plan.application, updateId, startedAt, name])",
        replace: "JSON.stringify([plan.application, updateId, startedAt, name, performance.now()])",
      },
    ],
  ),
  ...stubs(
    "src/status-page/update-destination.ts",
    ["test/status-page/update-destination.test.ts"],
    [
      {
        name: "a list is told what is held back",
        find: 'if (!isReady(update)) return "Somebody holds it back.";',
        replace: "",
      },
      {
        name: "a list is told what is no longer so",
        find: 'isTrue(update, incident, situationOf(plan, state)) ? undefined : "It is no longer true."',
        replace: "undefined",
      },
      {
        name: "a list is told twice what is posted again elsewhere",
        find: 'if (wasTold(state, destination, updateId)) return "It was told already.";',
        replace: "",
      },
    ],
  ),
  ...stubs(
    "adapters/mail/smtp.ts",
    ["test/adapters/mail/smtp.wire.test.ts"],
    [
      {
        name: "a mail list shows its people to each other",
        find: "to: from,",
        replace: 'to: from, cc: "a@example.org, b@example.net",',
      },
      {
        name: "a mail's title begins another header",
        find: "ensureOneLine(value);",
        replace: "",
      },
      {
        name: "mail goes over a network in the open",
        find: "requireTLS: !secure && !isLoopback(host)",
        replace: "requireTLS: false",
      },
      {
        name: "a mail comes twice to those who were not put off",
        find: "!done.has(address)",
        replace: "address",
      },
    ],
  ),
  ...stubs("src/status-page/views.ts", HTTP, [
    {
      name: "the status page shows what was not posted",
      find: "updateId === including || sent[destination] !== undefined",
      replace: "true",
    },
  ]),
  ...stubs(
    "src/status-page/postmortem.ts",
    ["test/adapters/status-page/postmortem.test.ts"],
    [
      {
        name: "a post-mortem is drafted before an incident is over",
        find: "if (!isEnd || incident === undefined) return [];",
        replace: "if (incident === undefined) return [];",
      },
    ],
  ),
  ...stubs("adapters/status-page/atlassian.ts", ATLASSIAN, [
    {
      name: "a total outage is minor for having ended",
      find: "return IMPACTS.indexOf(before) > IMPACTS.indexOf(now) ? before : now;",
      replace: "return now;",
    },
  ]),
  ...stubs("src/status-page/feed.ts", OWN, [
    {
      name: "the feed of the status page takes texts for markup",
      find: "description: escapeHtml(text)",
      replace: "description: text",
    },
  ]),
  ...stubs("adapters/status-page/atlassian.ts", ATLASSIAN, [
    {
      name: "Statuspage is asked faster than it allows",
      find: "await client.pause(signal); return Object.fromEntries(",
      replace: "return Object.fromEntries(",
    },
  ]),
];
