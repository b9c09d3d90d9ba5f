import { z } from "zod";
import { Stage, stages } from "../comms/events.ts";
import { mailTemplates } from "../mail/facts.ts";
import { Duration, durationFrom } from "./duration.ts";

/**
 * The plan file as people write it, after its look-ups on `vars` were replaced. Every field is described:
 * editors and error messages show these sentences. `load.ts` makes the resolved `Plan` of it.
 */

export const namePattern = /^[a-z][a-z0-9-]{0,62}$/;
export const nameForm = "A name is lower-case letters, digits and dashes, and starts with a letter.";

const Name = z.string().regex(namePattern);
const Text = z.string().min(1).max(300);

/** Operators ask: `approve` and `deny` are not theirs, so that naming them would promise what they are refused. */
const decidingRoles = ["approver", "commander"] as const;

export const RegionFile = z.strictObject({
  name: Text.describe("The region's name for people."),
  jurisdiction: Name.describe("The legal space that its data lies in: us, eu, ca."),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("Addresses and names that steps look up: ${{ target.edge }}."),
});

export const ServiceFile = z.strictObject({
  tier: z.int().min(1).max(4).describe("1 is the most important, 4 the least."),
  strategy: z
    .enum(["cold", "warm-standby", "hot-standby", "active-active"])
    .describe("How ready the other regions are to take over."),
  objectives: z
    .strictObject({
      rto: durationFrom(1).describe("How long the service may be away: 15m."),
      rpo: Duration.describe("How much of the last writes may be lost, as time: 5s."),
    })
    .describe("What recovery must reach; a service without objectives cannot be judged."),
  jurisdictions: z.array(Name).min(1).max(50).describe("Where its data may lie; it is never moved elsewhere."),
});

export const StoreFile = z.strictObject({
  kind: z.string().describe("What kind of store it is: redis."),
  service: Name.describe("The service that it belongs to."),
  lossBudget: Duration.describe("How much of the last writes a failover may lose without asking further: 5s."),
  copies: z.record(Name, z.unknown()).describe("How to reach the copy in each region."),
});

const Use = {
  uses: z.string().describe("The id of what is used: http.health."),
  with: z.unknown().default({}).describe("Its inputs."),
};

const ProbeFile = z.strictObject({ id: Name.describe("The probe's name on cards."), ...Use });

export const DetectionFile = z.strictObject({
  interval: durationFrom(100).describe("How long from one probe of a region to the next: 5s."),
  timeout: durationFrom(10).describe("When a probe gives up: 2s."),
  downAfter: z.int().min(1).max(100).describe("Failures in a row that make a region down: 3."),
  healthyAfter: z.int().min(1).max(100).describe("Good answers in a row that make it healthy again: 3."),
  probes: z
    .array(ProbeFile)
    .min(1)
    .max(20)
    .describe("Asked of every region; ${{ region.edge }} is the one being probed."),
  outside: ProbeFile.optional().describe("The service through its public name, as a client sees it."),
});

export const PolicyFile = z.strictObject({
  approval: z.enum(["automatic", "required"]).default("required").describe("May it start without people?"),
  quorum: z.int().min(1).max(10).default(1).describe("How many people must approve."),
  roles: z
    .array(z.enum(decidingRoles))
    .min(1)
    .default(["approver", "commander"])
    .describe("Who may approve; any of these roles. Operators ask and do not decide."),
  excludeRequester: z.boolean().default(true).describe("May the one who asked for it not approve it?"),
  expiry: durationFrom(10_000).default(1_800_000).describe("How long people have to decide: 30m."),
});

export const StepFile = z.strictObject({
  id: Name.describe("The step's name in this runbook; errors and files are found by it."),
  name: Text.optional().describe("The step for people; its id when left out."),
  uses: z.string().describe("The recovery action: kubernetes.scale-deployment."),
  with: z.unknown().default({}).describe("The action's inputs."),
  needs: z.array(z.string()).max(1000).default([]).describe("Steps that must be done before this one starts."),
  timeout: durationFrom(100).default(300_000).describe("When an attempt is given up: 5m."),
  retries: z.int().min(0).max(100).default(0).describe("Attempts after the first that follow by themselves."),
  retryAfter: Duration.default(2_000).describe("The pause before such an attempt: 2s."),
  prepare: z.boolean().default(false).describe("Reversible; runs while people still decide."),
  pointOfNoReturn: z.boolean().default(false).describe("There is no way back but a failback from here on."),
  when: z
    .union([z.boolean(), z.string().regex(/^\$\{\{[^{}]*\}\}$/)], { error: "must be one look-up, or true or false" })
    .optional()
    .describe("A look-up that must be true for the step to run."),
});

export const RunbookFile = z.strictObject({
  summary: Text.describe("What it is for, in one sentence."),
  kind: z
    .enum(["failover", "failback", "rejoin", "custom"])
    .default("custom")
    .describe("failover moves the active region, failback brings it home, rejoin makes a returned region a follower."),
  trigger: z
    .enum(["manual", "region-down", "region-returned"])
    .default("manual")
    .describe("What proposes it without a person."),
  policy: PolicyFile.prefault({}).describe("Who must agree before it starts."),
  steps: z.array(StepFile).min(1).max(1000).describe("A step starts as soon as all that it needs are done."),
});

export const TrafficFile = z.strictObject(Use);

const Publish = z.enum(["automatic", "ask"]).describe("Is it posted by itself, or after one tap by a person?");

function stage(afterMs: number) {
  return z
    .strictObject({
      after: Duration.default(afterMs).describe("Minutes from the first failing probe: 5m."),
      publish: Publish.default("automatic"),
    })
    .prefault({});
}

const componentStates = ["operational", "degraded_performance", "partial_outage", "major_outage"] as const;
const ComponentState = z.enum(componentStates);

const Stages = z
  .array(Stage)
  .min(1)
  .max(stages.length)
  .default([...stages])
  .describe("The updates that are sent there; all of them when left out.");
const SecretName = z
  .string()
  .regex(/^[\w-]{1,60}$/, { error: "must be the name of a secret" })
  .describe("The name of a secret: CUSTOMERS is MUSTER_SECRET_CUSTOMERS.");

const MailListFile = z.strictObject({
  toFrom: SecretName.describe("The secret that holds the addresses, with commas between: CUSTOMERS."),
  stages: Stages,
  template: z
    .enum(mailTemplates)
    .default("update")
    .describe("update: this update alone. summary: with every service and what happened before."),
});

const WebhookFile = z.strictObject({
  urlFrom: SecretName.describe("The secret that holds the address."),
  secretFrom: SecretName.describe("The secret that signs what is sent."),
  stages: Stages,
});

export const CommunicationFile = z.strictObject({
  title: Text.optional().describe("The heading of the status page; the application's name when left out."),
  homepage: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Where the page's heading leads."),
  stages: z
    .strictObject({
      identified: stage(300_000).describe("What is wrong is known, and the failover is decided or under way."),
      degraded: stage(600_000).describe("The service answers again, not as it should."),
      monitoring: stage(1_200_000).describe("It answers and is being watched."),
      resolved: stage(0).describe("The incident is over."),
    })
    .prefault({})
    .describe("What follows the first update, which is posted at once and by itself."),
  components: z
    .record(
      Name,
      z.strictObject({
        name: Text.optional().describe("What the public calls the service; its name in the plan when left out."),
        states: z
          .strictObject({
            healthy: ComponentState.default("operational").describe("Every probe is good, at home."),
            degraded: ComponentState.default("degraded_performance").describe("Some probes of its region fail."),
            elsewhere: ComponentState.default("degraded_performance").describe("Another region serves than home."),
            partial: ComponentState.default("partial_outage").describe("Its region is down and clients get answers."),
            down: ComponentState.default("major_outage").describe("Clients get no answer."),
          })
          .prefault({})
          .describe("What the page shows for what is seen."),
      }),
    )
    .default({})
    .describe("The services on the page, by their names in the plan; all of them when left out."),
  regions: z
    .record(
      Name,
      z.strictObject({
        name: Text.optional().describe("What the public calls the region; it is not named when left out."),
        addedLatency: Duration.optional().describe("How much slower clients at home are served from there: 90ms."),
      }),
    )
    .default({})
    .describe("What may be said of regions in public."),
  wording: z
    .enum(["templates", "model"])
    .default("templates")
    .describe(
      "Whose words an update has that is posted by itself. model: a language model's, where they come within seconds and pass every check; else the template's.",
    ),
  postmortem: z
    .enum(["none", "draft"])
    .default("none")
    .describe("draft: what the public was told is left on Statuspage as the draft of a post-mortem, for people."),
  mail: z.record(Name, MailListFile).default({}).describe("Lists of people who get updates by mail."),
  webhooks: z.record(Name, WebhookFile).default({}).describe("Addresses that updates are sent to, signed."),
});

export const WarRoomFile = z.strictObject({
  url: Text.optional().describe(
    "Where people meet: a link to Zoom, Teams or Meet; ${{ incident.id }} may stand in it.",
  ),
  checkIn: z
    .strictObject({ every: durationFrom(10_000).describe("How often people are asked how it goes: 5m.") })
    .prefault({ every: 300_000 })
    .describe("While an incident is open and something is wrong or under way."),
});

export const PlanFile = z.strictObject({
  version: z.literal(1).describe("The form of this file: 1."),
  application: Name.describe("What is protected."),
  summary: Text.describe("The application in one sentence, for people who do not know it."),
  home: Name.describe("The code of the region that serves in normal times."),
  vars: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("What differs between installations; a vars file replaces them one by one."),
  regions: z.record(Name, RegionFile).describe("The regions by their codes; two or more."),
  services: z.record(Name, ServiceFile).describe("What the application offers, with its objectives."),
  stores: z.record(Name, StoreFile).default({}).describe("The data stores that are replicated between regions."),
  detection: DetectionFile.describe("How the health of regions is seen."),
  quarantine: z
    .strictObject({ healthyFor: Duration.describe("How long a returned region must be healthy: 10m.") })
    .prefault({ healthyFor: 600_000 })
    .describe("When a region that was failed away from may be used again."),
  readiness: z
    .strictObject({ every: durationFrom(1_000).describe("How often every step is assessed: 5m.") })
    .prefault({ every: 300_000 })
    .describe("The check between disasters that a failover would work."),
  traffic: TrafficFile.optional().describe("Where the division of traffic between regions is read."),
  communication: CommunicationFile.optional().describe("What the public is told; without it nothing is published."),
  warRoom: WarRoomFile.optional().describe("Where people meet in an incident, and how often they check in."),
  runbooks: z.record(Name, RunbookFile).describe("What can be done, by name; one of kind failover at least."),
});

export type PlanFile = z.infer<typeof PlanFile>;
export type StepFile = z.infer<typeof StepFile>;
export type RunbookFile = z.infer<typeof RunbookFile>;
export type WarRoomFile = z.infer<typeof WarRoomFile>;
export type CommunicationFile = z.infer<typeof CommunicationFile>;
export type DetectionFile = z.infer<typeof DetectionFile>;
