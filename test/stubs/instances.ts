import { type Stub, stubs } from "./stub.ts";

const LEASE = ["test/workers/lease.test.ts"];
const DIVERGENCE = ["test/journal/divergence.test.ts"];
const SEVERAL = ["test/instances/instances.test.ts"];
const TAKE_UP = ["test/runs/take-up.test.ts"];

const OBSERVER = ["test/detection/observer.test.ts"];

/** Several instances of which one may go on, and none may do anything twice. */
export const instanceStubs: Stub[] = [
  ...stubs("src/workers/lease.ts", LEASE, [
    {
      name: "a frozen instance believes in its lease",
      find: "holds: () => !signal.aborted && leftMs() > 0,",
      replace: "holds: () => true,",
    },
    {
      name: "a lease that runs out stops no work",
      find: "if (leftMs() <= 0) return lost.abort(ranOut(name));",
      replace: "if (leftMs() <= 0) return;",
    },
    {
      name: "a suspended machine counts no time",
      find: "Math.max(to.monotonic - from.monotonic, to.now - from.now)",
      replace: "to.monotonic - from.monotonic",
    },
    {
      name: "a lease is not given back",
      find: "await store.releaseLease(name, instance, epoch).catch(() => {});",
      replace: "",
    },
  ]),
  {
    name: "the world is changed without a look at the lease",
    file: "src/runs/perform-step.ts",
    find: "if (!context.holds()) throw ranOut(context.fence.lease);",
    replace: "",
    tests: TAKE_UP,
  },
  ...stubs("src/runs/take-up.ts", TAKE_UP, [
    {
      name: "a successor does not wait for a request that is on its way",
      find: "if (context.tookOver) await clock.sleep(requestTimeoutMs, context.signal);",
      replace: "",
    },
    {
      name: "a successor goes on without a look at the approval",
      find: 'if (approval.phase === "granted" && ofClass.length + beyond.length === 0) return undefined;',
      replace: "return undefined;",
    },
  ]),
  ...stubs("src/journal/standing.ts", DIVERGENCE, [
    {
      name: "the events of another history are folded on the old ones",
      find: "if (first && first.seq > state.seq && !(await history.isFollowedBy(first))) await compare();",
      replace: "",
    },
    {
      name: "a store that lost events is gone on with",
      find: "if (!found || begun !== beginning) return;",
      replace: "return;",
    },
  ]),
  {
    name: "a write is decided on a history that the store does not have",
    file: "src/journal/journal.ts",
    find: "const expectedHash = standing.hashOf(before.version);",
    replace: "const expectedHash = undefined;",
    tests: DIVERGENCE,
  },
  ...stubs("src/instances/divergence.ts", SEVERAL, [
    {
      name: "only the instance that noticed stops for lost events",
      find: "isHalted: async () => (await recorded()) !== undefined,",
      replace: "isHalted: async () => false,",
      only: "^a store that lost",
    },
    {
      name: "lost events that were let go stop everybody again",
      find: "if (acceptedLosses.some(({ from, to }) => from <= found.lost.from && found.lost.to <= to)) {",
      replace: "if (false) {",
      only: "^a store that lost",
    },
  ]),
  ...stubs("src/detection/doubt.ts", OBSERVER, [
    {
      name: "what an observer misses because it is late itself counts against the region",
      find: "lateMs <= TOLERATED_SHARE * timeoutMs",
      replace: "true",
    },
    {
      name: "what an observer could not ask counts against the region",
      find: "ownFault === undefined && lateMs",
      replace: "lateMs",
    },
    {
      name: "an observer that stays late keeps it to itself",
      find: "if (doubt && !state.observer) {",
      replace: "if (doubt && false) {",
    },
  ]),
  {
    name: "an observer that stays late keeps its lease",
    file: "src/detection/detector.ts",
    find: "gaveUp ||= lastingDoubt(doubts, clock.now(), detection) !== undefined;",
    replace: "",
    tests: OBSERVER,
  },
  {
    name: "an outage of the store is not noticed",
    file: "src/instances/store-watch.ts",
    find: "if (!isAway(error)) throw error;",
    replace: "throw error;",
    tests: SEVERAL,
    only: "^an instance without",
  },
];
