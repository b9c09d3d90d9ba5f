import type { Acceptance, Envelope, EnvelopeChange } from "./approvals/events.ts";
import type { AskState } from "./assistant/fold.ts";
import type { IncidentComms, UpdateState } from "./comms/state.ts";
import type { DeliveryState } from "./deliveries/fold.ts";
import type { Divergence, LossAssessment, ProbeEvidence, Verdict } from "./detection/events.ts";
import type { ErrorReport } from "./errors.ts";
import type { IncidentState, Note, Pin } from "./incidents/state.ts";
import type { PlacementFinding } from "./instances/events.ts";
import type { PeopleState } from "./people/fold.ts";
import type { Plan } from "./plans/plan.ts";
import type { Landmarks } from "./reports/fold.ts";
import type { Evidence, HeldGuard, OverriddenGuard, StepReadiness } from "./runs/events.ts";

export type { HeldGuard, IncidentComms, IncidentState, Note, OverriddenGuard, Pin, UpdateState };

/** What the application stream says, folded. Plain data; every view and `decide` read this and nothing else. */
export interface AppState {
  application: string;
  /** Version of the stream and sequence in the journal that this state stands for; 0 when empty. */
  version: number;
  seq: number;
  /** Digest of the plan that the server last adopted. */
  planDigest?: string;
  /** The region that serves; the plan's home until a failover completes. */
  active: string;
  home: string;
  regions: Record<string, RegionState>;
  /** While whoever looks is late: what it does not see is not held against a region. */
  observer?: { lateMs: number; fault?: string; since: string; instance: string };
  availability: Record<string, AvailabilityState>;
  /** Key: `<store>/<target>`. */
  stores: Record<string, StoreState>;
  /** The latest comparison since the region was failed away from. Key: `<store>/<region>`. */
  divergences: Record<string, DivergenceState>;
  traffic?: { shares: Record<string, number>; at: string };
  incidents: Record<string, IncidentState>;
  openIncidentId?: string;
  runs: Record<string, RunState>;
  /** Why runs that detection asks for were refused, by their codes, until they are proposed. Key: `subjectKey`. */
  refusedProposals: Record<string, string[]>;
  approvals: Record<string, ApprovalState>;
  /** Key: `<runbook>/<source>/<target>`. */
  readiness: Record<string, ReadinessState>;
  /** Chats that were out of reach at some time; by their ids. */
  chats: Record<string, ChatState>;
  /** What the public was told, by incident. */
  comms: Record<string, IncidentComms>;
  /** What became of what pagers, mailboxes and webhooks are told; by destination. */
  deliveries: Record<string, DeliveryState>;
  /** Where Muster and its store are, as far as that is a risk. */
  placement?: { since: string; findings: PlacementFinding[] };
  /** What the store lost and people have let go, oldest first. */
  acceptedLosses: { at: string; known: { seq: number; hash: string }; from: number; to: number }[];
  /** Local runs that were imported, oldest first. */
  offlineRuns: { offlineId: string; endedAt: string; importedAt: string }[];
  people: PeopleState;
  asks: AskState[];
  landmarks: Landmarks;
  /** Where people meet and how often they are asked, as the plan in force says. */
  warRoom?: NonNullable<Plan["warRoom"]>;
  /** Regions where the plan in force allows the application's data; absent before a plan was adopted. */
  allowed?: string[];
  /** The change freeze in force. */
  lock?: LockState;
  counts: { incidents: number; runs: number; approvals: number; notes: number; locks: number };
}

export interface LockState {
  lockId: string;
  reason: string;
  by: string;
  since: string;
  /** When it ends by itself; absent when only a person lifts it. */
  until?: string;
}

export interface RegionState {
  code: string;
  verdict: Verdict;
  since: string;
  lastGoodAt?: string;
  evidence: ProbeEvidence[];
  /**
   * `runsBefore`: the number of the latest run by then; a later one was proposed after it. `countsFrom`: the latest of
   * its beginning and the verdicts and rejoins after it, by the journal's order.
   */
  quarantine?: { since: string; runId: string; reason: string; runsBefore: number; countsFrom: string };
}

export interface AvailabilityState {
  available: boolean;
  since: string;
  /** Outages so far, oldest first; the last one has no `to` while it lasts. */
  outages: { from: string; to?: string; precisionMs: number }[];
}

export interface StoreState {
  store: string;
  source: string;
  target: string;
  loss: LossAssessment;
  withinBudget: boolean;
  head?: { position: number; history: string; at: string };
  coveredUntil?: string;
  coveredPosition?: number;
}

export interface DivergenceState {
  runId: string;
  store: string;
  region: string;
  against: string;
  found: Divergence;
  seq: number;
  at: string;
}

export interface ChatState {
  /** Absent while what is posted arrives. */
  lost?: { since: string; code: string; summary: string; hint: string };
  /** How often it was lost or restored. */
  changes: number;
}

export type RunPhase =
  /** Waits for people; prepare steps may be running. */
  | "proposed"
  | "running"
  /** A step failed and waits for a person's retry, skip or abort. */
  | "halted"
  /** People ended it; what was under way is looked at until it is known what became of it. */
  | "aborting"
  | "completed"
  | "aborted"
  | "cancelled";

export interface RunState {
  runId: string;
  runbook: string;
  kind: "failover" | "failback" | "rejoin" | "custom" | "rollback";
  /** The run that this one undoes. */
  rollbackOf?: string;
  source: string;
  target: string;
  incidentId?: string;
  reason: string;
  requester: string;
  rehearsal: boolean;
  plan: Plan;
  evidence: Evidence;
  /** The approval in force: the latest one asked for. Absent when the policy is automatic. */
  approvalId?: string;
  phase: RunPhase;
  proposedAt: string;
  startedAt?: string;
  endedAt?: string;
  endReason?: string;
  /** Held by people, whatever its phase: no attempt starts and nothing is applied. */
  paused?: { at: string; by: string; reason: string };
  /** The abort that ended it, or is about to; absent when nothing was in flight at that moment. */
  aborting?: { at: string; by: string; reason: string; inFlight: string[] };
  /** Guards that were broken by a commander for this run alone. */
  overridden?: { guards: OverriddenGuard[]; reason: string; by: string; at: string };
  /** Holds by guards that people are woken for, by their events, and the event that ended each. */
  wakes?: { seq: number; ended?: number }[];
  /** The change freeze that it was proposed against. */
  overriddenLock?: { lockId: string; reason: string; by: string };
  /** In the plan's order. */
  steps: StepState[];
}

export type StepPhase =
  | "pending"
  /** Started and not yet concluded; `intended` and `applied` tell how far. */
  | "running"
  /** Failed, another attempt follows by itself at `retryAt`. */
  | "retrying"
  /** Failed; waits for a person. */
  | "failed"
  | "verified"
  | "accepted"
  | "skipped"
  /** Its run was aborted while it was under way; `stopped` says how it was last seen. */
  | "stopped";

export interface StepState {
  stepId: string;
  name: string;
  uses: string;
  phase: StepPhase;
  attempt: number;
  /** Attempts since a person last asked for one; automatic retries count against this. */
  attemptsSinceRetry: number;
  startedAt?: string;
  /** Of the first attempt in this run. */
  firstStartedAt?: string;
  endedAt?: string;
  /** This attempt's intent stands in the journal. */
  intended?: { at: string; before?: unknown };
  applied?: { at: string; handle?: string };
  /** What was seen when the latest intent of all attempts was decided on: the way back leads there. */
  before?: { at: string; seen: unknown };
  /** How many intents there were in all attempts. */
  intents: number;
  seen?: unknown;
  alreadySo?: boolean;
  stopped?: { sent: boolean; state: "moving" | "away" | "unknown" };
  error?: ErrorReport;
  retryAt?: string;
  reason?: string;
  /** The last attempt was stopped before anything was sent, because more would have been lost than may be. */
  held?: { at: string; reason: string };
  /** Guards that keep it from starting, or from going further than looking. */
  guarded?: { since: string; guards: HeldGuard[] };
  loss?: { store: string; loss: LossAssessment; ceilingSeconds: number | null; within: boolean };
}

export type ApprovalPhase = "pending" | "granted" | "denied" | "voided" | "expired" | "closed";

export interface ApprovalState {
  approvalId: string;
  runId: string;
  roles: string[];
  quorum: number;
  excludeRequester: boolean;
  requestedAt: string;
  expiresAt: string;
  envelope: Envelope;
  mustAccept: Acceptance[];
  replaces?: string;
  /** The granted approval that holds again as soon as the facts are back inside it. */
  beside?: string;
  /** What people are shown when they are asked again; else the run's. */
  evidence?: Evidence;
  phase: ApprovalPhase;
  decisions: { principal: string; decision: "approve" | "deny"; reason?: string; accepted: string[]; at: string }[];
  changes?: EnvelopeChange[];
  remindedAt?: string;
  escalatedAt?: string;
  endedAt?: string;
}

export interface ReadinessState {
  runbook: string;
  source: string;
  target: string;
  status: "ready" | "unknown" | "blocked";
  since: string;
  steps: StepReadiness[];
}
