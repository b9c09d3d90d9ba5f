import { substitute } from "./expressions.ts";
import type { DetectionFile, PlanFile, RunbookFile, StepFile } from "./file.ts";
import type { Detection, Plan, ProbeUse, Region, Runbook, Step } from "./plan.ts";
import { regionScope } from "./regions.ts";
import { planDigest } from "./resolve.ts";

/** The resolved plan of a checked file. */
export function makePlan(file: PlanFile): Plan {
  const regions = mapped(file.regions, (region, code): Region => ({ code, ...region }));
  const plan: Omit<Plan, "digest"> = {
    application: file.application,
    summary: file.summary,
    home: file.home,
    regions,
    services: mapped(file.services, ({ objectives, ...service }) => {
      return { ...service, rtoMs: objectives.rto, rpoMs: objectives.rpo };
    }),
    stores: mapped(file.stores, ({ lossBudget, ...store }) => ({ ...store, lossBudgetSeconds: lossBudget / 1000 })),
    detection: makeDetection(file.detection, regions),
    quarantineHealthyForMs: file.quarantine.healthyFor,
    readinessEveryMs: file.readiness.every,
    ...(file.traffic && { traffic: file.traffic }),
    runbooks: mapped(file.runbooks, makeRunbook),
  };
  return { ...plan, digest: planDigest(plan) };
}

function makeDetection(file: DetectionFile, regions: Record<string, Region>): Detection {
  return {
    intervalMs: file.interval,
    timeoutMs: file.timeout,
    downAfter: file.downAfter,
    healthyAfter: file.healthyAfter,
    probes: mapped(regions, (region, code) => {
      const scope = { now: { region: regionScope(code, region) } };
      return file.probes.map((probe): ProbeUse => ({ ...probe, with: substitute(probe.with, scope, []) }));
    }),
    ...(file.outside && { outside: file.outside }),
  };
}

function makeRunbook(file: RunbookFile, name: string): Runbook {
  const { expiry, ...policy } = file.policy;
  return { ...file, name, policy: { ...policy, expiryMs: expiry }, steps: file.steps.map(makeStep) };
}

function makeStep({ name, timeout, retryAfter, when, ...step }: StepFile): Step {
  return {
    ...step,
    name: name ?? step.id,
    timeoutMs: timeout,
    retryAfterMs: retryAfter,
    ...(when !== undefined && { when }),
  };
}

function mapped<In, Out>(record: Record<string, In>, make: (value: In, key: string) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, make(value, key)]));
}
