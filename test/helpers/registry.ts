import { z } from "zod";
import { Duration } from "../../src/plans/duration.ts";
import {
  defineAction,
  defineProbe,
  defineReplicationSource,
  defineTrafficSource,
  type RecoveryAction,
  type Registry,
} from "../../src/ports.ts";

const Url = z.string().url().describe("Address.");
const Redis = z.object({ url: Url, region: z.string().describe("Region."), passwordFrom: z.string().optional() });
const Zone = z.object({ hostedZoneId: z.string(), name: z.string(), type: z.enum(["A", "CNAME"]) });
const Records = z.array(z.object({ setIdentifier: z.string(), value: z.string(), weight: z.int().min(0).max(255) }));

type Kind = Pick<RecoveryAction, "effect"> & {
  expected: number;
  store?: (input: { store: string }) => string;
  compares?: NonNullable<RecoveryAction["compares"]>;
};

/** An action that reaches nothing: the plan loader looks only at what an action declares. */
function declared<Input>(
  id: string,
  input: z.ZodType<Input>,
  { effect, expected, store, compares }: Kind,
): RecoveryAction {
  return defineAction<Input, unknown>({
    id,
    summary: id,
    input,
    effect,
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    assess: async () => ({ state: "unknown", reason: "This action only exists for plan tests." }),
    expectedMs: () => expected,
    ...(store && { store: store as unknown as (input: Input) => string }),
    ...(compares && { compares }),
  });
}

const actions = [
  declared(
    "kubernetes.scale-deployment",
    z.object({
      cluster: z.string().describe("Cluster."),
      namespace: z.string(),
      deployment: z.string(),
      replicas: z.int().min(0).describe("Replicas wanted."),
      readyAt: z.int().min(0).describe("Ready replicas from which on the step is done."),
    }),
    { effect: "scale", expected: 60_000 },
  ),
  declared("http.expect-healthy", z.object({ url: Url, consecutive: z.int(), every: Duration }), {
    effect: "check",
    expected: 2_000,
  }),
  declared("redis.fence-primary", Redis, { effect: "fence", expected: 1_000 }),
  declared("redis.promote-replica", Redis.extend({ store: z.string() }), {
    effect: "promotion",
    expected: 2_000,
    store: ({ store }) => store,
  }),
  declared("redis.follow", Redis.extend({ primary: Url }), { effect: "follower", expected: 10_000 }),
  declared("redis.snapshot", Redis.extend({ name: z.string() }), { effect: "snapshot", expected: 5_000 }),
  declared(
    "redis.compare",
    Redis.extend({ primary: Url, store: z.string(), examples: z.int().default(20), names: z.boolean().default(false) }),
    {
      effect: "check",
      expected: 5_000,
      compares: {
        storeKind: "redis",
        store: (input) => (input as { store: string }).store,
        found: () => ({ onlyOld: 0, onlyNew: 0, differing: 0, compared: 0, shown: "hashes", examples: [] }),
      },
    },
  ),
  declared("aws.route53-shift-weights", Zone.extend({ ttl: Duration, records: Records }), {
    effect: "traffic",
    expected: 60_000,
  }),
  declared("aws.route53-change-record", Zone.extend({ ttl: Duration, value: z.string() }), {
    effect: "traffic",
    expected: 60_000,
  }),
  declared(
    "wait.bake",
    z.object({ for: Duration, statsUrl: Url, maxErrorRate: z.number().min(0).max(1), minRequests: z.int() }),
    { effect: "wait", expected: 300_000 },
  ),
];

/** Declares what plans/genai-api.yaml uses, without any vendor's SDK. */
export function createTestRegistry(): Registry {
  const answer = async () => ({ ok: true, latencyMs: 1, detail: "HTTP 200" });
  const probes = [
    defineProbe({ id: "http.health", summary: "HTTP", input: z.object({ url: Url }), run: answer }),
    defineProbe({ id: "redis.ping", summary: "Redis", input: z.object({ url: Url }), run: answer }),
  ];
  const redis = defineReplicationSource({
    kind: "redis",
    input: z.object({ url: Url }),
    position: async () => undefined,
  });
  const weights = defineTrafficSource({ id: "aws.route53-weights", input: Zone, shares: async () => undefined });
  return {
    actions: new Map(actions.map((action) => [action.id, action])),
    probes: new Map(probes.map((probe) => [probe.id, probe])),
    replication: new Map([[redis.kind, redis]]),
    traffic: new Map([[weights.id, weights]]),
  };
}
