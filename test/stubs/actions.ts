import { type Stub, stubs } from "./stub.ts";

/** What a stubbed object literal gets instead of its own `apply`; the real one stays under a name that nobody calls. */
const NOTHING = "apply: async () => ({}), applied:";
const KUBERNETES = ["test/adapters/kubernetes.wire.test.ts"];
const ROUTE53 = ["test/adapters/route53.wire.test.ts"];
const REDIS = ["test/adapters/redis-contract.wire.test.ts"];
const REDIS_OWN = ["test/adapters/redis-roles.wire.test.ts", "test/adapters/redis-following.wire.test.ts"];
const REDIS_READING = ["test/adapters/redis-reading.wire.test.ts"];
const HTTP = ["test/adapters/http.wire.test.ts"];

/** Every `apply`, every probe and every source, each in turn; then what keeps an `apply` from doing harm. */
export const actionStubs: Stub[] = [
  ...stubs("adapters/kubernetes/scale-deployment.ts", KUBERNETES, [
    {
      of: "kubernetes.scale-deployment",
      name: "kubernetes.scale-deployment scales nothing",
      find: "async apply(input, seen, context) {",
      replace: `${NOTHING} async (input, seen, context) => {`,
    },
    {
      name: "kubernetes.scale-deployment takes nothing back",
      find: "async apply(before, input, seen, context) {",
      replace: "apply: async () => ({}), async applied(before, input, seen, context) {",
    },
    {
      name: "kubernetes.scale-deployment takes back what is no longer its own",
      find: "blockers: notOurs,",
      replace: "blockers: () => [],",
    },
    {
      name: "kubernetes.scale-deployment writes whatever changed since",
      find: "const body = { metadata: { resourceVersion }, spec: { replicas } };",
      replace: "const body = { spec: { replicas } };",
    },
    {
      name: "kubernetes.scale-deployment is content before the pods are ready",
      find: "if (seen.observed && seen.readyReplicas >= readyAt)",
      replace: "if (true)",
    },
  ]),
  ...["shift-weights", "change-record"].map(
    (action): Stub => ({
      of: `aws.route53-${action}`,
      name: `aws.route53-${action} changes no record`,
      file: `adapters/aws/${action}.ts`,
      find: "return createRecordsAction<Input>(route53, {",
      replace: 'return createRecordsAction<Input>({ ...route53, change: async () => "C0" }, {',
      tests: ROUTE53,
      only: `kept by aws.route53-${action}`,
    }),
  ),
  ...stubs("adapters/aws/change-records.ts", ROUTE53, [
    {
      name: "the Route 53 actions do not wait for INSYNC",
      find: 'if (status !== "PENDING")',
      replace: "if (true)",
    },
    {
      name: "the Route 53 actions take nothing back",
      find: "async apply(before, input, seen, context) {",
      replace: "apply: async () => ({}), async applied(before, input, seen, context) {",
    },
    {
      name: "the Route 53 actions take back what is no longer their own",
      find: "if (known.some((sets) => sameSets(now, sets, input.type))) return [];",
      replace: "return [];",
    },
  ]),
  ...["fence-primary", "promote-replica", "snapshot"].map(
    (action): Stub => ({
      of: `redis.${action}`,
      name: `redis.${action} does nothing`,
      file: `adapters/redis/${action}.ts`,
      find: "apply: (input, seen, context) =>",
      replace: `${NOTHING} (input, seen, context) =>`,
      tests: REDIS,
      only: `kept by redis.${action}`,
    }),
  ),
  {
    of: "redis.follow",
    name: "redis.follow follows nobody",
    file: "adapters/redis/follow.ts",
    find: "apply: async (input, seen, context) => {",
    replace: `${NOTHING} async (input, seen, context) => {`,
    tests: REDIS,
    only: "kept by redis.follow",
  },
  ...["promote-replica", "follow"].map(
    (action): Stub => ({
      name: `nothing blocks redis.${action}`,
      file: `adapters/redis/${action}.ts`,
      find: "blockers: whyNot,",
      replace: "blockers: () => [],",
      tests: REDIS_OWN,
    }),
  ),
  {
    name: "the Redis actions write whatever changed since",
    file: "adapters/redis/fence-primary.ts",
    find: "await confirmUnchanged(redis, addressOf(input), seen);",
    replace: "",
    tests: REDIS,
    only: "kept by redis.fence-primary",
  },
  ...stubs(
    "adapters/redis/compare-copies.ts",
    ["test/adapters/redis-compare.wire.test.ts"],
    [
      {
        of: "redis.compare",
        name: "redis.compare finds nothing alone",
        find: "if (!other) {",
        replace: "if (false) {",
      },
      {
        name: "redis.compare takes any value for the same",
        find: "} else if (!own.equals(other)) {",
        replace: "} else if (false) {",
      },
      { name: "redis.compare does not say that it was cut", find: "found.cut ??= reason;", replace: "" },
    ],
  ),
  {
    name: "redis.compare compares with a copy that takes writes",
    file: "adapters/redis/compare.ts",
    find: "if (before.takesWrites) {",
    replace: "if (false) {",
    tests: ["test/adapters/redis-compare.wire.test.ts"],
  },
  {
    of: "http.health",
    name: "http.health finds every address well",
    file: "adapters/http/health.ts",
    find: "run: ({ url }, limits) => lookAtHealth(url, limits),",
    replace: 'run: async () => ({ ok: true, latencyMs: 1, detail: "HTTP 200" }),',
    tests: HTTP,
  },
  {
    of: "redis.ping",
    name: "redis.ping finds every Redis well",
    file: "adapters/redis/ping.ts",
    find: "await connections.use(input, limits, (redis) => redis.ping());",
    replace: "",
    tests: REDIS_READING,
  },
  {
    of: "http.expect-healthy",
    name: "http.expect-healthy takes any answer for a good one",
    file: "adapters/http/expect-healthy.ts",
    find: "if (!ok || degraded)",
    replace: "if (false)",
    tests: HTTP,
  },
  ...stubs("adapters/wait/bake.ts", HTTP, [
    {
      of: "wait.bake",
      name: "wait.bake sees no errors",
      find: "if (enough && errors / requests > input.maxErrorRate)",
      replace: "if (false)",
    },
    { name: "wait.bake waits for nothing", find: "if (leftSeconds > 0)", replace: "if (false)" },
  ]),
  {
    of: "redis",
    name: "the replication source says that everything is there",
    file: "adapters/redis/replication.ts",
    find: "async position(input, limits) {",
    replace:
      'position: async () => ({ role: "primary", position: 1, history: "one", writable: true }), async looked(input, limits) {',
    tests: REDIS_READING,
  },
  {
    of: "aws.route53-weights",
    name: "the traffic source always says the same",
    file: "adapters/aws/weights.ts",
    find: "async shares({ hostedZoneId, name, type }, limits) {",
    replace: 'shares: async () => ({ "us-east-1": 1 }), async looked({ hostedZoneId, name, type }, limits) {',
    tests: ROUTE53,
  },
];
