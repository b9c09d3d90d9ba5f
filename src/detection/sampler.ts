import { ceilingsInPlay } from "../approvals/ceilings.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock, Registry, ReplicaPosition } from "../ports.ts";
import { primaryRegion } from "../runs/views.ts";
import type { AppState, StoreState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { assessLoss, coveredHead, type LossMemory, remember, withinBudget } from "./loss.ts";

export interface Sampler {
  /** Looks at every store all the time and journals what changes in class, and once a minute what does not. */
  work(context: WorkerContext): Promise<void>;
  /** Looks now, and writes nothing. */
  look(source: string, target: string): Promise<StoreState[]>;
  /** Journals what was seen, whatever it is. */
  record(sampled: StoreState[], fence?: Fence): Promise<void>;
  /** Both: what a promotion is decided on. */
  refresh(source: string, target: string, fence?: Fence): Promise<StoreState[]>;
}

export interface SamplerOptions {
  plan: Plan;
  registry: Registry;
  journal: Journal;
  clock: Clock;
  requestTimeoutMs: number;
}

/** Once a second whatever the probes' interval is: the bound of a loss can be no better than this. */
const SAMPLE_EVERY_MS = 1_000;
const JOURNAL_EVERY_MS = 60_000;
/** While people are asked, what they are shown should not be much older than what they see elsewhere. */
const WHILE_ASKED_MS = 10_000;

export function createSampler(options: SamplerOptions): Sampler {
  const { plan, journal, clock } = options;
  const memories = new Map<string, LossMemory>();
  const journaledAt = new Map<string, number>();

  async function lookAt(
    state: AppState,
    store: string,
    source: string,
    target: string,
    signal: AbortSignal,
  ): Promise<StoreState | undefined> {
    const use = plan.stores[store];
    if (!use || source === target || !use.copies[source] || !use.copies[target]) return undefined;
    // The primary first: what it held when it was asked is either at the replica a moment later, or it is not.
    const askedAt = clock.now();
    const primary = await position(options, use.kind, use.copies[source], signal);
    const replica = await position(options, use.kind, use.copies[target], signal);
    const key = `${store}/${source}/${target}`;
    const at = clock.now();
    const before = latest(memories.get(key), recall(state.stores[`${store}/${target}`], source, at));
    const memory = remember(before, {
      askedAt,
      at,
      ...(primary && { primary }),
      ...(replica && { replica }),
    });
    memories.set(key, memory);
    return describe(memory, { store, source, target, budgetSeconds: use.lossBudgetSeconds, now: at });
  }

  async function record(sampled: StoreState[], fence?: Fence): Promise<void> {
    if (sampled.length === 0) return;
    const at = clock.now();
    await journal.commit(
      // Two looks may end in the same millisecond, and both are facts: the version keeps them apart.
      ({ version }) =>
        sampled.map((data) => ({
          key: `replication/${data.store}/${data.source}/${data.target}/${at}/${version}`,
          kind: "replication.sampled" as const,
          actor: "system:sampler",
          data,
        })),
      fence && { fence },
    );
    const asOf = clock.monotonic();
    for (const { store, source, target } of sampled) journaledAt.set(`${store}/${source}/${target}`, asOf);
  }

  async function lookAtAll(
    state: AppState,
    source: string,
    targets: string[],
    signal: AbortSignal,
  ): Promise<StoreState[]> {
    const looks = Object.keys(plan.stores).flatMap((store) =>
      targets.map((target) => lookAt(state, store, source, target, signal)),
    );
    return (await Promise.all(looks)).filter((one) => one !== undefined);
  }

  async function look(source: string, target: string): Promise<StoreState[]> {
    const signal = clock.timeout(2 * options.requestTimeoutMs + 1_000);
    return lookAtAll(await journal.load(), source, [target], signal);
  }

  return {
    async work({ fence, signal }) {
      while (!signal.aborted) {
        const began = clock.monotonic();
        const state = await journal.load();
        const sampled = await lookAtAll(state, primaryRegion(state), Object.keys(plan.regions), signal);
        if (signal.aborted) return;
        const everyMs = isAsking(state) ? WHILE_ASKED_MS : JOURNAL_EVERY_MS;
        const due = sampled.filter((one) => {
          const key = `${one.store}/${one.source}/${one.target}`;
          const overdue = clock.monotonic() - (journaledAt.get(key) ?? Number.NEGATIVE_INFINITY) >= everyMs;
          const ceilings = ceilingsInPlay(state, one.store, one.target);
          return overdue || classOf(one, ceilings) !== classOf(state.stores[`${one.store}/${one.target}`], ceilings);
        });
        await record(due, fence);
        await clock.sleep(Math.max(0, SAMPLE_EVERY_MS - (clock.monotonic() - began)), signal).catch(() => {});
      }
    },
    look,
    record,
    async refresh(source, target, fence) {
      const sampled = await look(source, target);
      await record(sampled, fence);
      return sampled;
    },
  };
}

/** What makes a sample worth an event before its minute is over: its kind, the budget, and what a run may lose. */
function classOf(one: StoreState | undefined, ceilings: readonly number[]): string {
  if (!one) return "none";
  const inside = ceilings.map((ceiling) => withinBudget(one.loss, ceiling));
  return [one.source, one.loss.kind, one.withinBudget, ...inside].join("/");
}

function isAsking({ approvals }: AppState): boolean {
  return Object.values(approvals).some(({ phase }) => phase === "pending");
}

function describe(
  memory: LossMemory,
  about: { store: string; source: string; target: string; budgetSeconds: number; now: number },
): StoreState {
  const { store, source, target, budgetSeconds, now } = about;
  const loss = assessLoss(memory, now);
  const head = memory.heads.at(-1);
  const covered = coveredHead(memory);
  return {
    store,
    source,
    target,
    loss,
    withinBudget: withinBudget(loss, budgetSeconds),
    ...(head && { head: { ...head, at: new Date(head.at).toISOString() } }),
    ...(covered && { coveredUntil: new Date(covered.at).toISOString(), coveredPosition: covered.position }),
  };
}

/** One's own memory, unless another instance has seen the primary since: whoever looks rarely knows an old head only. */
function latest(own: LossMemory | undefined, known: LossMemory): LossMemory {
  const headAt = ({ heads }: LossMemory) => heads.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return own && headAt(own) >= headAt(known) ? own : known;
}

/**
 * What the journal knows: the primary's last head, and the latest one that the replica held. Of a head dated later than
 * now nothing can be counted: a clock was set back, or another one is ahead.
 */
function recall(known: StoreState | undefined, source: string, now: number): LossMemory {
  if (!known?.head || known.source !== source || Date.parse(known.head.at) > now) return { heads: [] };
  const { position, history, at } = known.head;
  // Journals of before `coveredPosition` say no more than that it was at some place of this history.
  const { coveredPosition = 0 } = known;
  const covered = known.coveredUntil
    ? [{ at: Date.parse(known.coveredUntil), position: coveredPosition, history }]
    : [];
  const heads = [...covered, { at: Date.parse(at), position, history }];
  // A primary that was lost before this instance began was lost then, not now.
  if (known.loss.kind !== "bounded" || !known.coveredUntil) return { heads };
  return { heads, primaryLostAt: Date.parse(known.coveredUntil) + known.loss.seconds * 1000 };
}

async function position(
  { registry, requestTimeoutMs }: SamplerOptions,
  kind: string,
  input: unknown,
  signal: AbortSignal,
): Promise<ReplicaPosition | undefined> {
  const source = registry.replication.get(kind);
  if (!source) return undefined;
  return await source.position(source.input.parse(input), { signal, timeoutMs: requestTimeoutMs });
}
