import { type Stub, stubs } from "./stub.ts";

const PAGES = ["test/pager/pages.test.ts"];
const INBOUND = ["test/pager/inbound.test.ts"];
const DOOR = ["test/adapters/pager/door.test.ts"];
const ADAPTER = ["test/adapters/pager/pagerduty.wire.test.ts"];
const STORY = ["test/adapters/pager/story.wire.test.ts"];
const ALARM = ["test/pager/store-alarm.test.ts"];

/** Who is woken, and by whom Muster lets itself be told. */
export const pagerStubs: Stub[] = [
  ...stubs("src/pager/decide-pages.ts", PAGES, [
    {
      name: "nobody is woken when the region that took over fails too",
      find: "return failsTooOf(about, event.data);",
      replace: "return [];",
    },
    {
      name: "a standby that fails wakes people",
      find: "if (!incident || moved?.target !== region) return [];",
      replace: "if (!incident) return [];",
    },
    {
      name: "a drill wakes people",
      find: "return run && !run.rehearsal ? make(run) : [];",
      replace: "return run ? make(run) : [];",
    },
    {
      name: "people are woken for a step that is tried again by itself",
      find: "if (event.data.retryAt !== undefined) return [];",
      replace: "",
    },
    {
      name: "nobody is woken for a run that a guard holds",
      find: "return heldOf(about, event.data);",
      replace: "return [];",
    },
    {
      name: "nobody is woken for a run that halted",
      find: "return [pageOf(about, haltKey(state, run), undefined, run, said)];",
      replace: "return said === undefined ? [pageOf(about, haltKey(state, run), undefined, run, said)] : [];",
    },
    {
      name: "the second unanswered question wakes no further level",
      find: "level: before.length + 1 }",
      replace: "level: before.length > 0 ? 2 : 1 }",
    },
  ]),
  ...stubs("src/pager/destination.ts", STORY, [
    {
      name: "people are woken for what is over",
      only: "goes on without the pager",
      find: 'return isOver ? "It was over before it could be told." : undefined;',
      replace: "return isOver ? undefined : undefined;",
    },
    {
      name: "an escalation wakes the first level once more",
      only: "wakes the next level",
      find: "if (await pager.escalate?.(raises, level, signal)) return;",
      replace: "",
    },
  ]),
  ...stubs("src/pager/shown-destination.ts", STORY, [
    {
      name: "a page that woke nobody is taken for one that did",
      only: "took a page and shows nothing of it",
      find: "if (await pager.shows(body.key, signal)) return undefined;",
      replace: "if (!(await pager.shows(body.key, signal))) return undefined;",
    },
  ]),
  ...stubs("src/pager/inbound.ts", INBOUND, [
    {
      name: "a redelivery of the pager is told twice",
      find: "if (await store.findByKey(eventKey)) return;",
      replace: "",
    },
    {
      name: "a note of Muster comes back from the pager",
      find: "(!note || isOurs(note.text, state.application))",
      replace: "!note",
    },
    {
      name: "what happens to another system's page is told",
      find: "if (!key.startsWith(prefix)) return undefined;",
      replace: "if (key.length < 0) return undefined;",
    },
  ]),
  ...stubs("adapters/pager/door.ts", DOOR, [
    {
      name: "anybody may speak for the pager",
      find: "return signature.length === wanted.length && timingSafeEqual(signature, wanted);",
      replace: "return signature.length > 0 || timingSafeEqual(signature, wanted);",
    },
    {
      name: "one of several signatures of the pager is not enough",
      find: "return given.some((one)",
      replace: "return given.every((one)",
    },
    {
      name: "what could not be worked on is not sent again by the pager",
      find: "if (error instanceof AppError && error.retryable) return new Response(null, { status: 503 });",
      replace: "if (error instanceof AppError && error.retryable) return new Response(null, { status: 202 });",
    },
  ]),
  ...stubs("adapters/pager/pagerduty-client.ts", ADAPTER, [
    {
      name: "the pager's client waits without end",
      only: "when it is slow",
      find: "AbortSignal.any([signal, late])",
      replace: "AbortSignal.any([signal])",
    },
    {
      name: "the pager's no counts as a yes",
      find: "if (answer.status !== 202) throw",
      replace: "if (answer.status < 0) throw",
    },
  ]),
  ...stubs("src/pager/store-alarm.ts", ALARM, [
    {
      name: "a store that lost events wakes people every second",
      find: "if (paged?.key === key) return;",
      replace: "",
    },
  ]),
];
