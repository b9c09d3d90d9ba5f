import type { Plan, Runbook, Step } from "../../src/plans/plan.ts";

/** A small resolved plan: two regions, one store, and whatever runbooks a test needs. */
export function makePlan(
  runbooks: Record<string, Partial<Runbook> & { steps: Step[] }>,
  change: Partial<Plan> = {},
): Plan {
  const region = (code: string, jurisdiction: string) => ({ code, name: code, jurisdiction, settings: {} });
  return {
    application: "shop",
    summary: "A shop",
    digest: "digest-1",
    home: "east",
    regions: { east: region("east", "us"), west: region("west", "us") },
    services: { api: { tier: 1, strategy: "warm-standby", rtoMs: 900_000, rpoMs: 5_000, jurisdictions: ["us"] } },
    stores: {
      db: {
        kind: "test",
        service: "api",
        lossBudgetSeconds: 5,
        copies: { east: { at: "east" }, west: { at: "west" } },
      },
    },
    detection: { intervalMs: 1_000, timeoutMs: 1_000, downAfter: 3, healthyAfter: 3, probes: { east: [], west: [] } },
    quarantineHealthyForMs: 10_000,
    readinessEveryMs: 300_000,
    runbooks: Object.fromEntries(Object.entries(runbooks).map(([name, one]) => [name, makeRunbook(name, one)])),
    ...change,
  };
}

function makeRunbook(name: string, change: Partial<Runbook> & { steps: Step[] }): Runbook {
  return {
    name,
    summary: name,
    kind: "failover",
    trigger: "manual",
    policy: {
      approval: "required",
      quorum: 2,
      roles: ["approver", "commander"],
      excludeRequester: true,
      expiryMs: 600_000,
    },
    ...change,
  };
}

export function makeStep(id: string, change: Partial<Step> = {}): Step {
  return {
    id,
    name: id,
    uses: "test.switch",
    with: { name: id },
    needs: [],
    timeoutMs: 5_000,
    retries: 0,
    retryAfterMs: 10,
    prepare: false,
    pointOfNoReturn: false,
    ...change,
  };
}
