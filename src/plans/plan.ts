import { z } from "zod";
import { Stage } from "../comms/events.ts";
import { mailTemplates } from "../mail/facts.ts";

/**
 * The resolved plan: what the loader makes of a plan file, with durations in milliseconds and `vars` looked up.
 * Placeholders on `source` and `target` remain in step inputs until a run names the two regions
 * (`resolveSteps`). This is what a run pins and what `decide` reads; it must stay plain JSON.
 */

export const Region = z.object({
  code: z.string(),
  name: z.string(),
  jurisdiction: z.string(),
  /** Addresses and names that step inputs look up: `${{ target.edge }}`. */
  settings: z.record(z.string(), z.unknown()),
});
export type Region = z.infer<typeof Region>;

const Service = z.object({
  tier: z.number().int().min(1).max(4),
  strategy: z.enum(["cold", "warm-standby", "hot-standby", "active-active"]),
  rtoMs: z.number(),
  rpoMs: z.number(),
  jurisdictions: z.array(z.string()),
});
export type Service = z.infer<typeof Service>;

const Store = z.object({
  kind: z.string(),
  service: z.string(),
  /** How much may be lost in a failover without asking further, in seconds of writes. */
  lossBudgetSeconds: z.number(),
  /** Input of the kind's ReplicationSource, per region. */
  copies: z.record(z.string(), z.unknown()),
});
export type Store = z.infer<typeof Store>;

export const ProbeUse = z.object({ id: z.string(), uses: z.string(), with: z.unknown() });
export type ProbeUse = z.infer<typeof ProbeUse>;

export const Detection = z.object({
  intervalMs: z.number(),
  timeoutMs: z.number(),
  /** Failures in a row that make a region down. */
  downAfter: z.number().int().min(1),
  /** Good answers in a row that make it healthy again. */
  healthyAfter: z.number().int().min(1),
  /** Per region. All of a region's probes failing is down; some failing is degraded. */
  probes: z.record(z.string(), z.array(ProbeUse)),
  /** The service through its public name, as a client sees it. */
  outside: ProbeUse.exactOptional(),
});
export type Detection = z.infer<typeof Detection>;

export const Policy = z.object({
  approval: z.enum(["automatic", "required"]),
  quorum: z.number().int().min(1),
  roles: z.array(z.string()),
  excludeRequester: z.boolean(),
  expiryMs: z.number(),
});
export type Policy = z.infer<typeof Policy>;

export const Step = z.object({
  id: z.string(),
  name: z.string(),
  uses: z.string(),
  with: z.unknown(),
  needs: z.array(z.string()),
  timeoutMs: z.number(),
  /** Attempts after the first that follow by themselves when the error is retryable. */
  retries: z.number().int().min(0),
  retryAfterMs: z.number(),
  /** Reversible; runs while the approval is pending. */
  prepare: z.boolean(),
  pointOfNoReturn: z.boolean(),
  /** A look-up that must be true for the step to run; absent means always. */
  when: z.unknown().exactOptional(),
  /** In a rollback: the action is turned round, towards what that step of that run had seen before its change. */
  undo: z.object({ runId: z.string(), stepId: z.string(), before: z.unknown() }).exactOptional(),
});
export type Step = z.infer<typeof Step>;

export const Runbook = z.object({
  name: z.string(),
  summary: z.string(),
  /**
   * `failover` makes the target the active region and quarantines the source; `failback` brings it home;
   * `rejoin` makes a returned region a follower; `custom` moves nothing by itself; `rollback` undoes what another
   * run did, and is made for that run: no plan file has one.
   */
  kind: z.enum(["failover", "failback", "rejoin", "custom", "rollback"]),
  /** What proposes it without a person: the active region going down, or a quarantined region answering again. */
  trigger: z.enum(["manual", "region-down", "region-returned"]),
  policy: Policy,
  steps: z.array(Step),
});
export type Runbook = z.infer<typeof Runbook>;

export const ComponentState = z.enum(["operational", "degraded_performance", "partial_outage", "major_outage"]);
export type ComponentState = z.infer<typeof ComponentState>;

/** Later stages of what the public is told; the first is always posted at once and by itself. */
const LaterStage = z.object({
  /** From the first failing probe. */
  afterMs: z.number(),
  publish: z.enum(["automatic", "ask"]),
});

export const Communication = z.object({
  title: z.string(),
  homepage: z.string().exactOptional(),
  stages: z.object({
    identified: LaterStage,
    degraded: LaterStage,
    monitoring: LaterStage,
    resolved: LaterStage,
  }),
  /** By service. */
  components: z.record(
    z.string(),
    z.object({
      name: z.string(),
      states: z.object({
        healthy: ComponentState,
        degraded: ComponentState,
        elsewhere: ComponentState,
        partial: ComponentState,
        down: ComponentState,
      }),
    }),
  ),
  /** By code; a region without a name here is never named in public. */
  regions: z.record(
    z.string(),
    z.object({ name: z.string().exactOptional(), addedLatencyMs: z.number().exactOptional() }),
  ),
  /** What is posted by itself has a model's words, where they come in time and pass every check. */
  wording: z.literal("model").exactOptional(),
  /** A draft for people is left on Statuspage when an incident is over. */
  postmortem: z.literal("draft").exactOptional(),
  /** Who gets updates by mail, by the list's name. Addresses are personal: they stay where the secret is. */
  mail: z
    .record(z.string(), z.object({ toFrom: z.string(), stages: z.array(Stage), template: z.enum(mailTemplates) }))
    .exactOptional(),
  webhooks: z
    .record(z.string(), z.object({ urlFrom: z.string(), secretFrom: z.string(), stages: z.array(Stage) }))
    .exactOptional(),
});
export type Communication = z.infer<typeof Communication>;

/** Where people meet in an incident, and how often they are asked how it goes. */
export const WarRoomPlan = z.object({
  /** With `${{ incident.id }}` in it where each incident has a room of its own. */
  url: z.string().exactOptional(),
  checkInEveryMs: z.number(),
});
export type WarRoomPlan = z.infer<typeof WarRoomPlan>;

export const Plan = z.object({
  application: z.string(),
  summary: z.string(),
  /** SHA-256 over the canonical JSON of everything else here. */
  digest: z.string(),
  home: z.string(),
  regions: z.record(z.string(), Region),
  services: z.record(z.string(), Service),
  stores: z.record(z.string(), Store),
  detection: Detection,
  /** How long a returned region must be healthy before it leaves quarantine. */
  quarantineHealthyForMs: z.number(),
  readinessEveryMs: z.number(),
  traffic: z.object({ uses: z.string(), with: z.unknown() }).exactOptional(),
  /** Absent: nothing is published. */
  communication: Communication.exactOptional(),
  warRoom: WarRoomPlan.exactOptional(),
  runbooks: z.record(z.string(), Runbook),
});
export type Plan = z.infer<typeof Plan>;
