import { notConnected } from "../../src/assistant/decide-ask.ts";
import type { KnownState } from "../../src/commands/known-state.ts";
import { createComms } from "../../src/comms/comms.ts";
import { createWriter } from "../../src/comms/words.ts";
import type { Caller, Core } from "../../src/core.ts";
import { AppError } from "../../src/errors.ts";
import type { DomainEvent, EventData, EventKind, NewDomainEvent } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import type { InstanceView, StoreStatus } from "../../src/instances/views.ts";
import { divergedError } from "../../src/journal/standing.ts";
import { askOnCall } from "../../src/pager/on-call.ts";
import type { OnCall } from "../../src/pager/port.ts";
import type { PeopleDirectory } from "../../src/people/directory.ts";
import type { Person } from "../../src/people/file.ts";
import { createLinks } from "../../src/people/links.ts";
import { createRoster } from "../../src/people/roster.ts";
import { sha256 } from "../../src/people/secret.ts";
import { createTokens } from "../../src/people/tokens.ts";
import type { Evidence } from "../../src/runs/events.ts";
import type { AppState } from "../../src/state.ts";
import { createWarRoom } from "../../src/war-room/war-room.ts";
import { createFakeDeciders, type Keeper } from "./fake-deciders.ts";
import { fakeEvidence, refused } from "./fake-decisions.ts";
import { fakePlan } from "./fake-plan.ts";

/** A core that keeps its journal in memory and decides just enough for those who talk to it; it runs no steps. */
export interface FakeCore extends Core {
  /** Appends a fact as if a worker had; the state follows. */
  emit<K extends EventKind>(kind: K, data: EventData<K>, actor?: string): DomainEvent;
  /** Lets time pass. */
  advance(ms: number): void;
  events: DomainEvent[];
  turned: { source: string; code: string }[];
  /** What the store keeps beside events. */
  records: Map<string, string>;
  current(): AppState;
  /** What the next proposal shows and asks to be accepted. */
  evidence: Evidence;
  mustAccept: { id: string; text: string }[];
  /** Makes `journal.verify` find this event bad. */
  badSeq?: number;
  /** Thrown by the next call of `state`. */
  failNext?: Error;
  /** What `store.status` says; while it is not available, `state` fails. */
  storeStatus: StoreStatus;
  instanceViews: InstanceView[];
  /** Who says who is on call; nobody unless a test says so. */
  pager?: OnCall;
}

export const EVERYBODY: Caller[] = [
  { principal: "operator", name: "Operator", roles: ["observer", "operator"] },
  { principal: "approver-1", name: "Approver 1", roles: ["observer", "approver"] },
  { principal: "approver-2", name: "Approver 2", roles: ["observer", "approver"] },
  { principal: "commander", name: "Commander", roles: ["observer", "operator", "approver", "commander"] },
  { principal: "observer", name: "Observer", roles: ["observer"] },
];

export const person = (principal: string): Caller => EVERYBODY.find((one) => one.principal === principal)!;

export const tokenOf = (principal: string): string => `token-of-${principal}`;

export const fakeDirectory: PeopleDirectory = {
  authenticate: async (token) => {
    const caller = EVERYBODY.find(({ principal }) => tokenOf(principal) === token);
    return caller && { caller, credential: `file:${caller.principal}` };
  },
  again: async (principal) => fakeDirectory.byId(principal),
  byId: (id) => EVERYBODY.find(({ principal }) => principal === id),
  byIdentity: async () => undefined,
  list: () => EVERYBODY,
};

/** What `status` shows of a state, with a store that answers unless told otherwise. */
export const known = (state: AppState, more: Partial<KnownState> = {}): KnownState => ({
  state,
  store: { state: "available" },
  instances: [],
  ...more,
});
/** The people of `EVERYBODY`, with `tokenOf` each, as a people file would list them. */
export const everybodyListed: Person[] = EVERYBODY.map(({ principal, name, roles }) => ({
  id: principal,
  name,
  roles: roles.includes("commander")
    ? ["commander"]
    : roles.filter((role) => role !== "observer" || roles.length === 1),
  tokens: [{ sha256: sha256(tokenOf(principal)), created: "2026-01-01T00:00:00Z" }],
  identities: {},
}));

export function createFakeCore({ startAt = "2026-05-04T02:13:40.000Z" } = {}): FakeCore {
  const plan = fakePlan();
  let state = initialState(plan);
  let now = Date.parse(startAt);
  const listeners = new Set<() => void>();
  const iso = (ms = now) => new Date(ms).toISOString();

  const records = new Map<string, string>();
  const people = {
    journal: {
      load: async () => state,
      commit: async (choose: (state: AppState) => NewDomainEvent[]) => {
        const events = choose(state).map(({ kind, data, actor }) => core.emit(kind, data as never, actor));
        return { events, state };
      },
    },
    records: {
      getRecord: async (key: string) => records.get(key),
      setRecord: async (key: string, value: string) => {
        records.set(key, value);
        return "written" as const;
      },
      deleteRecord: async (key: string) => void records.delete(key),
    },
    roster: createRoster(everybodyListed),
    clock: { now: () => now, monotonic: () => now },
  };

  const core: Keeper = {
    plan,
    records,
    events: [],
    turned: [],
    evidence: fakeEvidence(plan, iso()),
    mustAccept: [],
    storeStatus: { state: "available" },
    instanceViews: [],
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    current: () => state,
    state: async () => {
      const error = core.failNext;
      delete core.failNext;
      if (error) throw error;
      const { storeStatus: status } = core;
      if (status.state === "unavailable") throw new AppError(status.error);
      if (status.state === "diverged") throw divergedError(status.divergence);
      return state;
    },
    emit: (kind, data, actor = "system:test") => {
      const seq = core.events.length + 1;
      const hash = seq.toString(16).padStart(64, "0");
      const previousHash = (seq - 1).toString(16).padStart(64, "0");
      const key = `${kind}/${seq}`;
      const place = { seq, version: seq, stream: "app", at: iso(), instance: "test-1" };
      const event = { ...place, key, kind, data, actor, hash, previousHash, text: "" } as unknown as DomainEvent;
      core.events.push(event);
      state = fold(state, event);
      for (const listener of listeners) listener();
      return event;
    },
    assistant: {
      ask: async () => {
        throw notConnected();
      },
    },
    warRoom: createWarRoom(people),
    comms: createComms({
      plan,
      ...people,
      loadWriter: async () => createWriter(),
      destinations: [{ id: "page", name: "Status page" }],
    }),
    onCall: () => askOnCall(core.pager, { now: () => now, timeout: (ms) => AbortSignal.timeout(ms) }),
    readiness: async () => state.readiness,
    journal: {
      query: async ({ run, kind, after = 0, limit = 100 }) =>
        core.events
          .filter((event) => event.seq > after && (kind === undefined || event.kind === kind))
          .filter((event) => run === undefined || (event.data as { runId?: string }).runId === run)
          .slice(0, limit),
      verify: async () => {
        const head = { seq: core.events.length, hash: core.events.at(-1)?.hash ?? "0".repeat(64) };
        const { badSeq } = core;
        const bad = badSeq === undefined ? {} : { firstBad: { seq: badSeq, reason: "its hash does not hold" } };
        return { ok: badSeq === undefined, events: core.events.length, head, ...bad };
      },
      async *backup() {
        yield `${JSON.stringify({ format: "muster-journal/1" })}\n`;
        yield `${JSON.stringify({ head: { seq: 0, hash: "0".repeat(64) } })}\n`;
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    reports: {
      write: async (asked) => {
        const incidentId = asked ?? state.openIncidentId ?? Object.keys(state.incidents).at(-1);
        if (!incidentId || !state.incidents[incidentId])
          throw refused("unknown-incident", "There is no such incident.");
        const names = ["timeline.md", "status-report.md", "postmortem.md"];
        const documents = names.map((name) => ({ name, text: `# ${name} of ${incidentId}\n` }));
        const asOf = { seq: state.seq, hash: core.events.at(-1)!.hash };
        core.emit("report.written", {
          incidentId,
          documents: names.map((name) => ({ name, sha256: "ab".repeat(32) })),
          asOf,
        });
        const version = { number: state.incidents[incidentId].reports.length };
        return { incidentId, directory: `reports/${incidentId}`, documents, version, kept: [] };
      },
      read: async (incidentId) => [{ name: "postmortem.md", text: `# postmortem.md of ${incidentId}\n` }],
      version: async () => {
        throw refused("not-found", "The fake core keeps no versions.");
      },
      redraft: async () => {
        throw refused("wrong-state", "The fake core has no model.");
      },
    },
    manual: (name) => ({ name: `${name}.md`, text: `# ${name}\n` }),
    importOffline: async () => {
      throw refused("bad-input", "The fake core imports nothing.");
    },
    instances: async () => ({
      instance: "test-1",
      holder: "test-1",
      instances: core.instanceViews,
      leases: [{ name: "executor", holder: "test-1", epoch: 3, expiresAt: iso(now + 10_000) }],
    }),
    store: {
      status: () => core.storeStatus,
      lastKnown: () => state,
      acceptHead: async (reason, caller) => {
        if (core.storeStatus.state !== "diverged") throw refused("wrong-state", "Nothing was lost.");
        const { divergence } = core.storeStatus;
        core.storeStatus = { state: "available" };
        core.emit("store.head-accepted", { ...divergence, foundBy: "test-1", reason }, caller.principal);
        return divergence;
      },
    },
    // Making and redeeming is the real thing; only the journal and the records are in memory.
    tokens: createTokens(people),
    links: createLinks(people),
    turnedAway: (source, code) => {
      core.turned.push({ source, code });
    },
    refused: async (command, { code, summary }, caller) => {
      core.emit("command.refused", { command, code, summary }, caller.principal);
    },
  };
  return Object.assign(core, createFakeDeciders(core, iso));
}
