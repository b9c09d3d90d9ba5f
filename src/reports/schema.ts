import { z } from "zod";
import { LossAssessment } from "../detection/events.ts";
import { ActionItem, Line, Statement, VersionFacts } from "./schema-items.ts";
import { RunFacts } from "./schema-runs.ts";
import { Instant, Ms, Refs } from "./schema-values.ts";

/**
 * Everything that the documents of an incident say, and nothing that they do not say: each field changes the
 * text (a test goes through all of them). Durations are milliseconds, moments are ISO 8601 in UTC; fields that
 * end in `Text` are ready phrases. `refs` are the sequence numbers of the journal events that a statement rests on.
 */

export const IncidentFacts = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(["sev1", "sev2", "sev3"]),
  region: z.string(),
  regionName: z.string(),
  openedBy: z.enum(["signal", "person"]),
  opener: z.string(),
  startedAt: Instant,
  openedAt: Instant,
  openedRefs: Refs,
  /** Absent while the incident is open. */
  resolved: z.object({ at: Instant, by: z.string(), reason: z.string(), afterMs: Ms, refs: Refs }).exactOptional(),
  /** Absent when it is resolved. */
  openForMs: Ms.exactOptional(),
});

export const DetectionFacts = z.object({
  /** From the first failing probe to the opening; absent when a person opened the incident. */
  timed: z.object({ timeToDetectMs: Ms, slow: z.boolean() }).exactOptional(),
  /** What the plan's rule needs to conclude that a region is down, and how long that takes at most. */
  rule: z.object({ downAfter: z.number().int(), intervalMs: Ms, timeoutMs: Ms, withinMs: Ms }),
  /** When detection first concluded that the region was down; absent if it did not. */
  down: z
    .object({
      since: Instant,
      at: Instant,
      lastGoodAt: Instant.exactOptional(),
      probes: z.array(z.object({ probe: z.string(), detail: z.string(), failures: z.number().int() })),
      refs: Refs,
    })
    .exactOptional(),
});

export const OutageFacts = z.object({
  from: Instant,
  /** False when nothing was seen to answer before: then it began at `from` or earlier. */
  fromKnown: z.boolean(),
  /** Absent while it lasts. */
  to: Instant.exactOptional(),
  lastedMs: Ms,
  precisionMs: Ms,
  refs: Refs,
});

export const ObjectiveFacts = z.object({
  service: z.string(),
  tier: z.number().int(),
  rtoMs: Ms,
  rto: z.enum(["met", "missed", "uncertain", "running", "no-outage", "not-watched"]),
  rpoMs: Ms,
  /** The assessed loss is a ceiling: `over` says that it may have been more than the target allows. */
  rpo: z.enum(["met", "over", "unknown", "no-promotion"]),
});

export const LossFacts = z.object({
  runId: z.string(),
  store: z.string(),
  region: z.string(),
  /** What people were shown when the run was proposed; absent when the store was not on the card. */
  announced: LossAssessment.exactOptional(),
  announcedRefs: Refs,
  /** What was not replicated when it was looked at again at the promotion. */
  loss: LossAssessment,
  /** The most that people had allowed; absent where none was set: it was unknown and accepted so, or nobody was asked. */
  ceilingMs: Ms.exactOptional(),
  insideCeiling: z.boolean(),
  budgetMs: Ms,
  budget: z.enum(["within", "over", "unknown"]),
  /** `asked`: sent, and not seen to be done. */
  promotion: z.enum(["done", "asked", "not-asked"]),
  refs: Refs,
});

/** What only a returned copy held when it was compared with the one that had taken over. */
const DivergenceFacts = z.object({
  runId: z.string(),
  store: z.string(),
  region: z.string(),
  against: z.string(),
  at: Instant,
  compared: z.number().int(),
  foundText: z.string(),
  /** Nothing was given up: all was compared, and the other copy lacks nothing. */
  empty: z.boolean(),
  /** Are the records below named, or only told apart by a fingerprint? */
  shown: z.enum(["names", "hashes"]),
  onlyOld: z.array(z.string()),
  differing: z.array(z.string()),
  /** How many there are that are not listed. */
  unlisted: z.number().int(),
  refs: Refs,
});

const RegionFacts = z.object({
  code: z.string(),
  name: z.string(),
  verdict: z.enum(["healthy", "degraded", "down", "unknown"]),
  /** Absent when it was never probed. */
  since: Instant.exactOptional(),
  failingText: z.string().exactOptional(),
  active: z.boolean(),
  home: z.boolean(),
  trafficText: z.string().exactOptional(),
  quarantinedSince: Instant.exactOptional(),
});

const StoreFacts = z.object({
  store: z.string(),
  source: z.string(),
  target: z.string(),
  loss: LossAssessment,
  withinBudget: z.boolean(),
});

export const Estimate = z.object({
  runId: z.string(),
  runbook: z.string(),
  state: z.enum(["remaining", "overdue", "not-started", "halted", "paused", "aborting"]),
  /** For `remaining`, `not-started`: how long it should take (still). For `overdue`: by how much. */
  ms: Ms.exactOptional(),
  at: Instant.exactOptional(),
  /** Absent for a halted run, for which there is none. */
  basis: z.string().exactOptional(),
});

export const ReportFacts = z.object({
  application: z.string(),
  generatedAt: Instant,
  version: VersionFacts,
  incident: IncidentFacts,
  detection: DetectionFacts,
  headline: z.object({
    /** Of the incident, and of its latest run while it is open. */
    situation: z.enum([
      "resolved",
      "no-run",
      "deciding",
      "running",
      "halted",
      "aborting",
      "completed",
      "aborted",
      "cancelled",
    ]),
    runId: z.string().exactOptional(),
    runbook: z.string().exactOptional(),
    target: z.string().exactOptional(),
    missingApprovals: z.number().int().exactOptional(),
    /** The strictest recovery time among the services. */
    objective: ObjectiveFacts.pick({ rtoMs: true, rto: true }).exactOptional(),
    /** The outage that still lasts, else the longest; and how many others there were. */
    outage: OutageFacts.extend({ others: z.number().int() }).exactOptional(),
    /** Of the promotions that were done, the one that gave up most; and how many others there were. */
    worstLoss: z
      .object({
        store: z.string(),
        region: z.string(),
        lossText: z.string(),
        budgetMs: Ms,
        budget: LossFacts.shape.budget,
        others: z.number().int(),
        /** Where all of the copy that was left was compared with the one that took over, before it followed. */
        compared: z
          .object({ region: z.string(), records: z.number().int(), leftText: z.string(), refs: Refs })
          .exactOptional(),
        refs: Refs,
      })
      .exactOptional(),
    /** Sent, and not seen to be done. */
    unverifiedPromotions: z.number().int(),
  }),
  current: z.object({
    active: z.string(),
    home: z.string(),
    /** The run in flight that makes another region the active one when it completes: "failback run-3". */
    until: z.string().exactOptional(),
    /** How traffic is divided, where not all of it goes to the active region. */
    elsewhereText: z.string().exactOptional(),
    public: z.object({
      watched: z.boolean(),
      state: z.enum(["answers", "does-not-answer", "not-seen"]),
      since: Instant.exactOptional(),
    }),
    trafficAt: Instant.exactOptional(),
    regions: z.array(RegionFacts),
    stores: z.array(StoreFacts),
    waiting: z.array(Statement),
  }),
  outages: z.array(OutageFacts),
  objectives: z.array(ObjectiveFacts),
  losses: z.array(LossFacts),
  acceptedRisks: z.array(
    z.object({
      text: z.string(),
      runId: z.string(),
      byText: z.string(),
      /** Did the run go on because of it? */
      reliedOn: z.boolean(),
      refs: Refs,
    }),
  ),
  divergences: z.array(DivergenceFacts),
  saved: z.array(
    z.object({ region: z.string(), name: z.string().exactOptional(), runId: z.string(), at: Instant, refs: Refs }),
  ),
  quarantines: z.array(
    z.object({
      region: z.string(),
      reason: z.string(),
      from: Instant,
      to: Instant.exactOptional(),
      liftedReason: z.string().exactOptional(),
      refs: Refs,
    }),
  ),
  traffic: z.array(z.object({ at: Instant, sharesText: z.string(), during: z.string().exactOptional(), refs: Refs })),
  /** When one instance of Muster had ended and another had not begun: nobody may have been looking. */
  handovers: z.array(z.object({ from: Instant, to: Instant, refs: Refs })),
  readinessBefore: z
    .object({
      status: z.enum(["ready", "unknown", "blocked"]),
      runbook: z.string(),
      target: z.string(),
      since: Instant,
      openText: z.string().exactOptional(),
      refs: Refs,
    })
    .exactOptional(),
  runs: z.array(RunFacts),
  /** By whoever took it, or was given it. */
  roles: z.array(
    z.object({
      role: z.string(),
      principal: z.string(),
      from: Instant,
      to: Instant.exactOptional(),
      givenBy: z.string().exactOptional(),
      refs: Refs,
    }),
  ),
  notes: z.array(z.object({ at: Instant, author: z.string(), text: z.string(), refs: Refs })),
  refusals: z.array(
    z.object({ at: Instant, by: z.string(), command: z.string(), code: z.string(), summary: z.string(), refs: Refs }),
  ),
  keyTimeline: z.array(Line),
  fullTimeline: z.array(Line),
  nextSteps: z.array(Statement),
  estimates: z.array(Estimate),
  wentWell: z.array(Statement),
  wentWrong: z.array(Statement),
  lucky: z.array(Statement),
  actionItems: z.array(ActionItem),
  provenance: z.object({
    asOfSeq: z.number().int(),
    headHash: z.string(),
    firstSeq: z.number().int().exactOptional(),
    lastSeq: z.number().int().exactOptional(),
    events: z.number().int(),
    /** Events from before that are cited, and exported too. */
    earlierRefs: Refs,
    /** Does each of the exported events name the hash of the one before? */
    unbroken: z.boolean(),
  }),
});

export type ReportFacts = z.infer<typeof ReportFacts>;
export type IncidentFacts = z.infer<typeof IncidentFacts>;
export type DetectionFacts = z.infer<typeof DetectionFacts>;
export type OutageFacts = z.infer<typeof OutageFacts>;
export type ObjectiveFacts = z.infer<typeof ObjectiveFacts>;
export type DivergenceFacts = z.infer<typeof DivergenceFacts>;
export type LossFacts = z.infer<typeof LossFacts>;
export type RegionFacts = z.infer<typeof RegionFacts>;
export type StoreFacts = z.infer<typeof StoreFacts>;
export type Estimate = z.infer<typeof Estimate>;
