import { substitute } from "./expressions.ts";
import {
  CommunicationFile,
  type DetectionFile,
  type PlanFile,
  type RunbookFile,
  type StepFile,
  type WarRoomFile,
} from "./file.ts";
import type { Communication, Detection, Plan, ProbeUse, Region, Runbook, Step, WarRoomPlan } from "./plan.ts";
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
    ...(file.communication && { communication: makeCommunication(file, file.communication) }),
    ...(file.warRoom && { warRoom: makeWarRoom(file.warRoom) }),
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

/** Every service is on the page unless the plan names those that are. */
function makeCommunication({ application, services }: PlanFile, file: CommunicationFile): Communication {
  const named = Object.keys(file.components).length > 0;
  const all = Object.fromEntries(Object.keys(services).map((service) => [service, {}]));
  const components = named ? file.components : CommunicationFile.shape.components.parse(all);
  return {
    title: file.title ?? application,
    ...(file.homepage !== undefined && { homepage: file.homepage }),
    stages: {
      identified: makeStage(file.stages.identified),
      degraded: makeStage(file.stages.degraded),
      monitoring: makeStage(file.stages.monitoring),
      resolved: makeStage(file.stages.resolved),
    },
    components: mapped(components, ({ name, states }, service) => ({ name: name ?? service, states })),
    regions: mapped(file.regions, ({ name, addedLatency }) => ({
      ...(name !== undefined && { name }),
      ...(addedLatency !== undefined && { addedLatencyMs: addedLatency }),
    })),
    // Absent where there is none, so that the digest of a plan without them stays what it was.
    ...(file.wording === "model" && { wording: file.wording }),
    ...(file.postmortem === "draft" && { postmortem: file.postmortem }),
    ...(Object.keys(file.mail).length > 0 && { mail: file.mail }),
    ...(Object.keys(file.webhooks).length > 0 && { webhooks: file.webhooks }),
  };
}

function makeStage({ after, publish }: CommunicationFile["stages"]["identified"]) {
  return { afterMs: after, publish };
}

function makeWarRoom({ url, checkIn }: WarRoomFile): WarRoomPlan {
  return { ...(url !== undefined && { url }), checkInEveryMs: checkIn.every };
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
