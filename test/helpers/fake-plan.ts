import type { Plan, Step } from "../../src/plans/plan.ts";

function step(id: string, name: string, uses: string, needs: string[], more: Partial<Step> = {}): Step {
  const base = {
    with: { of: id },
    timeoutMs: 60_000,
    retries: 1,
    retryAfterMs: 1000,
    prepare: false,
    pointOfNoReturn: false,
  };
  return { id, name, uses, needs, ...base, ...more };
}

const failoverSteps = [
  step("scale-target", "Scale the API in the target region", "kubernetes.scale-deployment", [], {
    prepare: true,
    timeoutMs: 300_000,
  }),
  step("check-target", "The target answers and is ready", "http.expect-healthy", ["scale-target"], { prepare: true }),
  step("fence-source", "The old primary takes no more writes", "redis.fence-primary", ["check-target"]),
  step("promote-target", "Promote the session store in the target region", "redis.promote-replica", ["fence-source"], {
    pointOfNoReturn: true,
  }),
  step("shift-traffic", "Send all traffic to the target region", "aws.route53-shift-weights", ["promote-target"], {
    timeoutMs: 600_000,
  }),
  step("check-public", "The public name answers again", "http.expect-healthy", ["shift-traffic"]),
];

const policy = {
  approval: "required" as const,
  quorum: 2,
  roles: ["approver", "commander"],
  excludeRequester: true,
  expiryMs: 1_800_000,
};

/** A small plan of the shape that the loader makes. */
export function fakePlan(): Plan {
  return {
    application: "genai-api",
    summary: "Question-answering API on Kubernetes with a Redis session store",
    digest: "5e1f".repeat(16),
    home: "us-east-1",
    regions: {
      "us-east-1": { code: "us-east-1", name: "US East (N. Virginia)", jurisdiction: "us", settings: {} },
      "eu-central": { code: "eu-central", name: "EU Central (Frankfurt)", jurisdiction: "eu", settings: {} },
    },
    services: { api: { tier: 1, strategy: "warm-standby", rtoMs: 900_000, rpoMs: 5_000, jurisdictions: ["us", "eu"] } },
    stores: { sessions: { kind: "redis", service: "api", lossBudgetSeconds: 5, copies: {} } },
    detection: { intervalMs: 1_000, timeoutMs: 2_000, downAfter: 3, healthyAfter: 3, probes: {} },
    quarantineHealthyForMs: 600_000,
    readinessEveryMs: 300_000,
    runbooks: {
      failover: {
        name: "failover",
        summary: "Serve from the target region",
        kind: "failover",
        trigger: "region-down",
        policy,
        steps: failoverSteps,
      },
      failback: {
        name: "failback",
        summary: "Bring the service home",
        kind: "failback",
        trigger: "manual",
        policy,
        steps: failoverSteps.slice(0, 3),
      },
    },
  };
}
