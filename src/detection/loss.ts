import type { ReplicaPosition } from "../ports.ts";
import type { LossAssessment } from "./events.ts";

/** One look at both copies, the primary first. Times are milliseconds since 1970. */
export interface Sample {
  /** When the primary was asked: what it then held is a lower bound of what it had acknowledged. */
  askedAt: number;
  /** When both answers, or the failures, were in. */
  at: number;
  /** `undefined`: did not answer. */
  primary?: ReplicaPosition;
  replica?: ReplicaPosition;
}

/** What the samples so far amount to; small enough to be journaled, so that a restarted instance goes on. */
export interface LossMemory {
  /** The primary's position when it last answered, newest last; bounded. */
  heads: { at: number; position: number; history: string }[];
  /** The first failure of the primary after its last answer. */
  primaryLostAt?: number;
  /** The clock was set back since the primary was lost: no moment that follows compares with these. */
  setBack?: boolean;
  last?: Sample;
}

/** Ten minutes at one look a second: a replica that is further behind than that is out of every budget. */
const HEADS_KEPT = 600;

/** Samples come in the order in which they end, so that one which ends before the last was dated by a clock set back. */
export function remember(memory: LossMemory, sample: Sample): LossMemory {
  const { primary, askedAt, at } = sample;
  const setBack = memory.setBack === true || at < Math.max(askedAt, memory.last?.at ?? askedAt);
  if (!primary) {
    // Both ends of a loss that was bounded before stand: it is as long as it was.
    const bounded = memory.primaryLostAt !== undefined;
    const heads = setBack && !bounded ? [] : memory.heads;
    return { heads, primaryLostAt: memory.primaryLostAt ?? at, last: sample, ...(setBack && bounded && { setBack }) };
  }
  const kept = memory.heads.filter((head) => head.history === primary.history).slice(-(HEADS_KEPT - 1));
  const head = { at: askedAt, position: primary.position, history: primary.history };
  return { heads: [...(setBack ? [] : kept), ...(askedAt <= at ? [head] : [])], last: sample };
}

/** The latest head that the replica is known to hold: until then it has everything that the primary had acknowledged. */
export function coveredHead(memory: LossMemory): LossMemory["heads"][number] | undefined {
  const replica = memory.last?.replica;
  if (!replica) return undefined;
  return memory.heads.findLast((head) => head.history === replica.history && head.position <= replica.position);
}

/** How much would be lost if the replica were promoted now (promise 4). */
export function assessLoss(memory: LossMemory, now: number): LossAssessment {
  const at = iso(now);
  const unknown = (reason: string, bytes?: number): LossAssessment => {
    return { kind: "unknown", reason, ...(bytes !== undefined && { bytes }), at };
  };
  const { last } = memory;
  const head = memory.heads.at(-1);
  if (!last) return unknown("no look at the store yet");
  if (!last.replica) return unknown("the target's copy does not answer");
  if (last.primary?.role === "replica") return unknown("the source's copy is not a primary");
  if (!head) return unknown("the primary has not answered since Muster began to look");
  if (head.history !== last.replica.history) return unknown("the two copies do not share a history");
  const covered = coveredHead(memory)?.at;
  const bytes = Math.max(0, head.position - last.replica.position);
  if (last.primary) {
    if (bytes === 0) return { kind: "measured", bytes, seconds: 0, at };
    if (covered === undefined)
      return unknown("the target's copy is further behind than Muster has been looking", bytes);
    // Of a primary that writes no more (a fenced one) the last write is as old as its position, not as this look.
    const writtenBy = memory.heads.find(({ position }) => position >= head.position)?.at ?? last.askedAt;
    return { kind: "measured", bytes, seconds: seconds(writtenBy - covered), at };
  }
  if (covered === undefined) return unknown("the target's copy is further behind than Muster has been looking", bytes);
  const lostAt = memory.primaryLostAt ?? last.at;
  return { kind: "bounded", bytes, seconds: seconds(lostAt - covered), headAt: iso(head.at), at };
}

export function withinBudget(loss: LossAssessment, budgetSeconds: number): boolean {
  return loss.kind !== "unknown" && loss.seconds <= budgetSeconds;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Rounded up to a tenth: a ceiling must not be rounded down. */
function seconds(ms: number): number {
  return Math.ceil(Math.max(0, ms) / 100) / 10;
}
