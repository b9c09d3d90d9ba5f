import { type DomainEvent, type EventData, type EventKind, eventSchemas } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import { GENESIS_HASH } from "../../src/journal/store.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { ReportInput } from "../../src/reports/input.ts";
import type { AppState } from "../../src/state.ts";
import { makePlan, makeStep } from "./plan.ts";

/** A journal in memory that tells a story: every event is parsed, sealed and folded as the real one does it. */
export interface Story {
  plan: Plan;
  emit<K extends EventKind>(kind: K, data: EventData<K>, actor?: string): DomainEvent;
  advance(ms: number): string;
  /** Another instance of Muster goes on. */
  restart(): void;
  now(): string;
  state(): AppState;
  events(): DomainEvent[];
  /** What documents about the incident (the latest, unless named) are made from, at this moment. */
  input(incidentId?: string): ReportInput;
}

export const EAST = "us-east-1";
export const WEST = "eu-central";
export const STORE = "sessions";
const START = Date.parse("2026-03-07T02:14:00.000Z");

export function createStory(plan: Plan = storyPlan()): Story {
  const events: DomainEvent[] = [];
  let state = initialState(plan);
  let clock = START;
  let instances = 1;
  const now = () => new Date(clock).toISOString();
  return {
    plan,
    emit(kind, data, actor = "system:executor") {
      const seq = events.length + 1;
      const sealed = sealEvent({
        seq,
        stream: `app/${plan.application}`,
        version: seq,
        at: now(),
        instance: `instance-${instances}`,
        previousHash: events.at(-1)?.hash ?? GENESIS_HASH,
        event: { key: `story/${seq}`, kind, actor, data: eventSchemas[kind].parse(data) },
      });
      const event = sealed as DomainEvent;
      events.push(event);
      state = fold(state, event);
      return event;
    },
    restart() {
      instances += 1;
    },
    advance(ms) {
      clock += ms;
      return now();
    },
    now,
    state: () => state,
    events: () => [...events],
    input(incidentId = Object.keys(state.incidents).at(-1) ?? "") {
      const incident = state.incidents[incidentId];
      if (!incident) throw new Error("the story has no incident yet");
      const last = events.at(-1);
      const asOf = { seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS_HASH };
      return { plan, state, incident, events: [...events], asOf, generatedAt: now() };
    },
  };
}

export function storyPlan(change: Partial<Plan> = {}): Plan {
  const region = (code: string, name: string) => ({ code, name, jurisdiction: "eu", settings: {} });
  return makePlan(
    {
      failover: {
        kind: "failover",
        trigger: "region-down",
        steps: [
          makeStep("scale-target", {
            name: "Scale the API in the target region",
            uses: "kubernetes.scale-deployment",
            prepare: true,
          }),
          makeStep("fence-source", { name: "The old primary takes no more writes", uses: "redis.fence-primary" }),
          makeStep("promote-target", {
            name: "Promote the session store in the target region",
            uses: "redis.promote-replica",
            with: { store: STORE },
            pointOfNoReturn: true,
          }),
          makeStep("shift-traffic", {
            name: "Send all traffic to the target region",
            uses: "aws.route53-shift-weights",
            retries: 3,
          }),
        ],
      },
      rejoin: {
        kind: "rejoin",
        trigger: "region-returned",
        policy: { approval: "automatic", quorum: 1, roles: [], excludeRequester: false, expiryMs: 0 },
        steps: [
          makeStep("fence-returned", { name: "The returned primary takes no writes", uses: "redis.fence-primary" }),
          makeStep("save-divergent", { name: "Save what only the returned store holds", uses: "redis.snapshot" }),
          makeStep("follow-primary", { name: "The returned store follows the active region", uses: "redis.follow" }),
        ],
      },
      failback: {
        kind: "failback",
        steps: [
          makeStep("canary-10", { name: "10 % of the traffic home", uses: "aws.route53-shift-weights" }),
          makeStep("promote-home", {
            name: "Promote the session store at home",
            uses: "redis.promote-replica",
            with: { store: STORE },
          }),
          makeStep("canary-100", { name: "All traffic home", uses: "aws.route53-shift-weights" }),
        ],
      },
    },
    {
      application: "genai-api",
      home: EAST,
      regions: { [EAST]: region(EAST, "US East (N. Virginia)"), [WEST]: region(WEST, "EU Central (Frankfurt)") },
      stores: { [STORE]: { kind: "redis", service: "api", lossBudgetSeconds: 5, copies: { [EAST]: {}, [WEST]: {} } } },
      detection: {
        intervalMs: 1_000,
        timeoutMs: 1_000,
        downAfter: 3,
        healthyAfter: 3,
        probes: { [EAST]: [], [WEST]: [] },
        outside: { id: "public", uses: "http.health", with: {} },
      },
      ...change,
    },
  );
}
