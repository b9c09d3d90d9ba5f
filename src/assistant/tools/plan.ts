import { z } from "zod";
import { count, duration, list } from "../../format.ts";
import { defineTool } from "./tool.ts";

const Output = z.object({
  application: z.string(),
  home: z.string(),
  regions: z.array(z.object({ region: z.string(), name: z.string(), jurisdiction: z.string() })),
  services: z.array(
    z.object({ service: z.string(), tier: z.string(), strategy: z.string(), rto: z.string(), rpo: z.string() }),
  ),
  stores: z.array(z.object({ store: z.string(), kind: z.string(), service: z.string(), budget: z.string() })),
  runbooks: z.array(
    z.object({
      runbook: z.string(),
      summary: z.string(),
      approval: z.string(),
      quorum: z.string(),
      steps: z.array(z.string()),
    }),
  ),
});

/** What is protected, and how. */
export const plan = defineTool({
  name: "plan",
  description:
    "The plan in force: regions with jurisdictions, services with tier and objectives (RTO, RPO), data stores with their loss budget, runbooks with their steps and who must approve.",
  input: z.strictObject({}),
  output: Output,
  read: (_input, { core: { plan: of } }) => ({
    application: of.application,
    home: of.home,
    regions: Object.values(of.regions).map(({ code, name, jurisdiction }) => ({ region: code, name, jurisdiction })),
    services: Object.entries(of.services).map(([service, { tier, strategy, rtoMs, rpoMs }]) => {
      return { service, tier: String(tier), strategy, rto: duration(rtoMs), rpo: duration(rpoMs) };
    }),
    stores: Object.entries(of.stores).map(([store, { kind, service, lossBudgetSeconds }]) => {
      return { store, kind, service, budget: duration(lossBudgetSeconds * 1_000) };
    }),
    runbooks: Object.entries(of.runbooks).map(([runbook, { summary, policy, steps }]) => ({
      runbook,
      summary,
      approval: policy.approval === "automatic" ? "automatic" : `of ${list(policy.roles, "or")}`,
      quorum: policy.approval === "automatic" ? "none" : String(policy.quorum),
      steps: steps.map(({ id }) => id),
    })),
  }),
  tell: ({ application, home, regions, services, stores, runbooks }) => ({
    summary: `${count(regions.length, "region")}, ${count(services.length, "service")}, ${count(stores.length, "store")}, ${count(runbooks.length, "runbook")}`,
    rows: [
      {
        kind: "plan.now",
        sentence: `The application is ${application}, its home ${home}.`,
        values: { application, home },
      },
      ...regions.map((one) => ({
        kind: "plan.region",
        sentence: `Region ${one.region} is ${one.name}, jurisdiction ${one.jurisdiction}.`,
        values: one,
      })),
      ...services.map((one) => ({
        kind: "plan.service",
        sentence: `Service ${one.service}: tier ${one.tier}, ${one.strategy}, RTO ${one.rto}, RPO ${one.rpo}.`,
        values: one,
      })),
      ...stores.map((one) => ({
        kind: "replication.plan",
        sentence: `Store ${one.store} (${one.kind}) of ${one.service} may lose ${one.budget} of writes.`,
        values: one,
      })),
      ...runbooks.map(({ steps, ...one }) => ({
        kind: "run.plan",
        sentence: `Runbook ${one.runbook}: ${one.summary} Approval ${one.approval}, quorum ${one.quorum}; steps ${steps.join(", ")}.`,
        values: { ...one, steps: list(steps) },
      })),
    ],
  }),
});
