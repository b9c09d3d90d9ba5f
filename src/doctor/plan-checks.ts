import { clause } from "../format.ts";
import type { Plan } from "../plans/plan.ts";
import { resolveSteps } from "../plans/resolve.ts";
import type { Registry } from "../ports.ts";
import type { Check, Finding } from "./check.ts";

interface World {
  plan: Plan;
  registry: Registry;
  requestTimeoutMs: number;
}

/** Everything that the plan names, looked at once with the credentials of this installation. */
export function planChecks(world: World): Check[] {
  return [...probeChecks(world), ...storeCopyChecks(world), ...trafficChecks(world), ...stepChecks(world)];
}

function probeChecks({ plan, registry, requestTimeoutMs }: World): Check[] {
  const uses = Object.entries(plan.detection.probes).flatMap(([region, probes]) =>
    probes.map((probe) => ({ area: region, probe })),
  );
  const outside = plan.detection.outside ? [{ area: "outside", probe: plan.detection.outside }] : [];
  return [...uses, ...outside].map(({ area, probe }) => ({
    area,
    name: `probe ${probe.id} (${probe.uses})`,
    async run(signal): Promise<Finding> {
      const known = registry.probes.get(probe.uses);
      if (!known) return { state: "failed", said: `This version has no probe ${probe.uses}.` };
      const { ok, detail } = await known.run(known.input.parse(probe.with), { signal, timeoutMs: requestTimeoutMs });
      if (ok) return { state: "ok", said: `${clause(detail)}.` };
      const fix = "If the region is well, check the address in the plan's vars and the way from here to it.";
      return { state: "failed", said: `${clause(detail)}.`, fix };
    },
  }));
}

function storeCopyChecks({ plan, registry, requestTimeoutMs }: World): Check[] {
  return Object.entries(plan.stores).flatMap(([store, { kind, copies }]) =>
    Object.entries(copies).map(([region, copy]) => ({
      area: region,
      name: `copy of ${store} (${kind})`,
      async run(signal: AbortSignal): Promise<Finding> {
        const source = registry.replication.get(kind);
        if (!source) return { state: "failed", said: `This version cannot read stores of the kind ${kind}.` };
        const position = await source.position(source.input.parse(copy), { signal, timeoutMs: requestTimeoutMs });
        if (position) {
          return { state: "ok", said: `${position.role}, ${position.writable ? "takes writes" : "takes no writes"}.` };
        }
        const fix = "Check its address, its password (passwordFrom and MUSTER_SECRET_…), and that it is up.";
        return { state: "failed", said: "Its position cannot be read.", fix };
      },
    })),
  );
}

function trafficChecks({ plan, registry, requestTimeoutMs }: World): Check[] {
  const { traffic } = plan;
  if (!traffic) return [];
  return [
    {
      area: "traffic",
      name: traffic.uses,
      async run(signal) {
        const source = registry.traffic.get(traffic.uses);
        if (!source) return { state: "failed", said: `This version has no traffic source ${traffic.uses}.` };
        const shares = await source.shares(source.input.parse(traffic.with), { signal, timeoutMs: requestTimeoutMs });
        if (shares) return { state: "ok", said: "The shares of the regions can be read." };
        const fix = "Check the credentials and the zone, record and type that the plan names.";
        return { state: "failed", said: "The shares of the regions cannot be read.", fix };
      },
    },
  ];
}

/** Assesses the steps of each runbook from home to each other region, as a run would: the same clients and rights. */
function stepChecks({ plan, registry, requestTimeoutMs }: World): Check[] {
  const others = Object.keys(plan.regions).filter((code) => code !== plan.home);
  return Object.values(plan.runbooks).flatMap((runbook) =>
    others.flatMap((other) => {
      const [source, target] = runbook.kind === "failover" ? [plan.home, other] : [other, plan.home];
      const scope = { source, target, runId: "doctor" };
      return resolveSteps(plan, runbook.name, scope, registry)
        .filter(({ when }) => when)
        .map((step) => ({
          area: `${runbook.name} ${source} → ${target}`,
          name: `${step.id} (${step.uses})`,
          async run(signal: AbortSignal): Promise<Finding> {
            const action = registry.actions.get(step.uses);
            if (!action) return { state: "failed", said: `This version has no action ${step.uses}.` };
            const context = { signal, requestTimeoutMs, token: `doctor/${step.id}`, now: Date.now };
            const assessment = await action.assess(step.with, context);
            if (assessment.state === "unknown") {
              const fix = "Where the region is well: check address, credentials and rights of this resource.";
              return { state: "failed", said: `It cannot be seen: ${clause(assessment.reason)}.`, fix };
            }
            const blockers = assessment.state === "away" ? (action.blockers?.(assessment.seen, step.with) ?? []) : [];
            if (blockers.length > 0) return { state: "warning", said: `It would be blocked: ${blockers.join("; ")}.` };
            return { state: "ok", said: assessment.state === "reached" ? "It is so already." : "It can be seen." };
          },
        }));
    }),
  );
}
