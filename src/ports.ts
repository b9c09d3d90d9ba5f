import type { z } from "zod";
import type { Divergence } from "./detection/events.ts";

/** What time it is: wall time for facts, a monotonic reading for durations. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that is aborted after `ms`; keeps no process alive. */
  timeout(ms: number): AbortSignal;
}

/** What an assessment found. `seen` is a small JSON object that people and the journal are shown. */
export type Assessment<Seen> =
  | { state: "reached"; seen: Seen }
  /** An operation towards the wanted state is under way: wait, do not start another. */
  | { state: "moving"; seen: Seen; progress?: string }
  | { state: "away"; seen: Seen }
  /** Not seen. Never counts as reached and never permits a repeat. `retryable`: for want of an answer, so look again. */
  | { state: "unknown"; reason: string; retryable?: boolean };

export interface ActionContext {
  /** Aborted when the run has ended or this instance must step back; every request must carry it. */
  signal: AbortSignal;
  /** How long one request to a vendor may take. */
  requestTimeoutMs: number;
  /** `<run>/<step>/<attempt>`: for client tokens, idempotency keys and user agents. */
  token: string;
  now(): number;
  /**
   * When this attempt was started (ISO 8601), for actions about elapsed time (a bake); undefined while assessing
   * for readiness or a dry run.
   */
  startedAt?: string;
  /** What `apply` returned in this run, when its answer was journaled: lets `assess` ask about that very change. */
  handle?: string;
}

/**
 * Code that brings one resource to a wanted state. Everything else (dry run, readiness, skipping what is
 * already so, verification, crash recovery) the core makes from `assess` and `apply`.
 */
export interface RecoveryAction<Input = unknown, Seen = unknown> {
  /** `vendor.verb-thing`; never renamed. */
  id: string;
  /** One sentence for people: what state this action wants. */
  summary: string;
  input: z.ZodType<Input>;
  /** What kind of thing a step with this action is, for guards and views. */
  effect: "none" | "scale" | "traffic" | "fence" | "promotion" | "follower" | "snapshot" | "check" | "wait";
  /**
   * May `apply` be sent again when nobody knows whether the first one arrived?
   * `converging`: yes. `conditional`: yes, a vendor precondition guards it. `once`: no, assess and then ask.
   */
  repeat: "converging" | "conditional" | "once";
  /** Before anything was sent. `ask`: people, when the step's time is over or looking again cannot help. */
  onUnknown: "wait" | "ask" | "proceed";
  /**
   * What is safe for a step in flight when people abort the run; its intent stands, and nothing more is sent.
   * `finish`: look on until it is reached or its time is over, so that the journal says what became of it.
   * `stop`: look once more and leave it.
   */
  onAbort: "finish" | "stop";
  /** Where its control plane, identity and secrets live: region codes of the plan, or names of global services. */
  dependsOn(input: Input): string[];
  /**
   * Reads the world, never writes. An unreachable world is `unknown`, not an error; an AppError ends the attempt
   * (bad input, or what was seen can never become the wanted state: too many errors during a bake).
   */
  assess(input: Input, context: ActionContext): Promise<Assessment<Seen>>;
  /**
   * For `effect: "traffic"` and `"scale"`: who would have less than what was seen and, where that is known, who would
   * be serving then; by region code, or by any name that is among a region's settings (an address, a cluster). Pure.
   */
  capacity?(seen: Seen, input: Input): { from: string[]; to?: string[] };
  /** Why this must not be applied now; empty when it may. Pure. */
  blockers?(seen: Seen, input: Input): string[];
  /** Starts one change and returns as soon as the vendor took it. Throws AppError with `retryable` set. */
  apply?(input: Input, seen: Seen, context: ActionContext): Promise<{ handle?: string; note?: string }>;
  /** The way back to what was seen before the change. Only where going back is safe: traffic and scale. */
  undo?: Undo<Input, Seen>;
  /** How long this usually takes, for the plan's estimate of the recovery time. */
  expectedMs(input: Input): number;
  /** How a person does and checks the same by hand, with the vendor's own tools. Names secrets, never holds one. */
  manual?(input: Input): Manual;
  /** For actions that compare a copy that was left with the one that took over: what the journal keeps of it. Pure. */
  compares?: { storeKind: string; store(input: Input): string; found(seen: Seen): Divergence };
  /** For actions with `effect: "promotion"`: which plan store is promoted, for the loss assessment. */
  store?(input: Input): string;
}

/** For the night on which Muster itself is not there. Commands for a POSIX shell, in their order. */
export interface Manual {
  /** Brings it about; empty where there is nothing but to look. */
  run: string[];
  /** Shows whether it is so. */
  check: string[];
  /** What the check must show. */
  expect: string;
}

/**
 * An action turned round: what it wants is `before`, what was seen when the change was intended. Its writes carry the
 * same preconditions as `apply`, so that only a value that is still the one we set is ever replaced.
 */
export interface Undo<Input = unknown, Seen = unknown> {
  /** As `RecoveryAction.assess`: *reached* when things are as they were before. */
  assess(before: Seen, input: Input, context: ActionContext): Promise<Assessment<Seen>>;
  /** As `RecoveryAction.capacity`, on the way back. Pure. */
  capacity?(before: Seen, seen: Seen, input: Input): { from: string[]; to?: string[] };
  /** Why not: what is there is neither what was before nor what we set. Pure. */
  blockers(before: Seen, seen: Seen, input: Input): string[];
  apply(before: Seen, input: Input, seen: Seen, context: ActionContext): Promise<{ handle?: string; note?: string }>;
}

/** Defines an action with its input and seen types inferred; the registry holds it with both erased. */
export function defineAction<Input, Seen>(action: RecoveryAction<Input, Seen>): RecoveryAction {
  return action as unknown as RecoveryAction;
}

export interface ProbeResult {
  ok: boolean;
  /** Milliseconds from request to answer (or to giving up). */
  latencyMs: number;
  /** One short phrase for people: "HTTP 200, 8/8 ready", "connect refused". */
  detail: string;
  /** False when the answer is good but slow or partial. */
  degraded?: boolean;
  /** Why this process could not look at all ("too many open files here"): it says nothing of the endpoint. */
  ownFault?: string;
}

/** Looks at one endpoint once. Never throws for a sick endpoint: that is an answer. */
export interface Probe<Input = unknown> {
  id: string;
  summary: string;
  input: z.ZodType<Input>;
  run(input: Input, context: { signal: AbortSignal; timeoutMs: number }): Promise<ProbeResult>;
}

export function defineProbe<Input>(probe: Probe<Input>): Probe {
  return probe as unknown as Probe;
}

/** Where one data store's copy stands. Positions are monotonic within one `history`. */
export interface ReplicaPosition {
  role: "primary" | "replica";
  /** Bytes (or records) that this copy holds, in the store's own unit. */
  position: number;
  /** The identity of the history that the position counts in; positions of different histories do not compare. */
  history: string;
  /** Replica only: is the link to its primary up? */
  linkUp?: boolean;
  /** Takes writes now: false for a replica and for a fenced primary. */
  writable: boolean;
}

/** Reads where one copy of a data store stands, for the measure of what is not replicated. */
export interface ReplicationSource<Input = unknown> {
  /** The store kind of the plan: `redis`. */
  kind: string;
  input: z.ZodType<Input>;
  /** `undefined` when the copy did not answer. */
  position(input: Input, context: { signal: AbortSignal; timeoutMs: number }): Promise<ReplicaPosition | undefined>;
}

export function defineReplicationSource<Input>(source: ReplicationSource<Input>): ReplicationSource {
  return source as unknown as ReplicationSource;
}

/** Reads how traffic is divided between regions at this moment, as the steering system has it. */
export interface TrafficSource<Input = unknown> {
  id: string;
  input: z.ZodType<Input>;
  /** Share per region code, 0 to 1, summing to 1; `undefined` when it cannot be read. */
  shares(
    input: Input,
    context: { signal: AbortSignal; timeoutMs: number },
  ): Promise<Record<string, number> | undefined>;
}

export function defineTrafficSource<Input>(source: TrafficSource<Input>): TrafficSource {
  return source as unknown as TrafficSource;
}

/** Everything that adapters offer to the core, by id. */
export interface Registry {
  traffic: ReadonlyMap<string, TrafficSource>;
  actions: ReadonlyMap<string, RecoveryAction>;
  probes: ReadonlyMap<string, Probe>;
  replication: ReadonlyMap<string, ReplicationSource>;
}
