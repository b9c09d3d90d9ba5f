import { z } from "zod";
import type { Divergence } from "../../src/detection/events.ts";
import { AppError } from "../../src/errors.ts";
import {
  type Assessment,
  defineAction,
  defineReplicationSource,
  type RecoveryAction,
  type Registry,
  type ReplicaPosition,
} from "../../src/ports.ts";

/**
 * A world of named switches. It keeps state, counts what was asked of it and what really changed, and can be
 * told to fail, to answer late, to lose an answer after acting, or to be out of sight.
 */
export interface Switchboard {
  on: Set<string>;
  /** Every request that reached a switch, in order; a repeat that changed nothing counts here too. */
  requests: string[];
  /** Every real change of the world. */
  transitions: string[];
  hidden: Set<string>;
  /** How many more times `apply` of a switch fails, and how. */
  failures: Map<string, { times: number; error: AppError; afterActing?: boolean }>;
  /** Milliseconds that `apply` of a switch takes. */
  delays: Map<string, number>;
  /** What `apply` of a switch waits for. */
  gates: Map<string, Promise<void>>;
  /** Where each copy of the store stands; a copy that is not there does not answer. */
  copies: Map<string, ReplicaPosition>;
  /** Milliseconds from the answer of `apply` until the switch is on; it is moving meanwhile. */
  settling: Map<string, number>;
  /** What can be turned to a value and back; the version is what a write must name. */
  dials: Map<string, { value: number; version: number }>;
  /** What `test.compare` finds. */
  divergence: Divergence;
  registry: Registry;
}

const Input = z.object({ name: z.string().describe("The switch") });
type Input = z.infer<typeof Input>;

export function createSwitchboard(): Switchboard {
  const board: Switchboard = {
    on: new Set(),
    requests: [],
    transitions: [],
    hidden: new Set(),
    failures: new Map(),
    delays: new Map(),
    gates: new Map(),
    divergence: { onlyOld: 0, onlyNew: 0, differing: 0, compared: 9, shown: "hashes", examples: [] },
    copies: new Map([
      ["east", { role: "primary", position: 1_000, history: "h1", writable: true }],
      ["west", { role: "replica", position: 1_000, history: "h1", linkUp: true, writable: false }],
    ]),
    settling: new Map(),
    dials: new Map(),
    registry: { actions: new Map(), probes: new Map(), replication: new Map(), traffic: new Map() },
  };
  const actions = [
    switchAction(board, "test.switch", "none", "converging"),
    switchAction(board, "test.once", "none", "once"),
    switchAction(board, "test.left", "none", "converging", "stop"),
    switchAction(board, "test.fence", "fence", "converging"),
    switchAction(board, "test.promote", "promotion", "converging"),
    dialAction(board),
    switchAction(board, "test.traffic", "traffic", "converging"),
    switchAction(board, "test.check", "check", "converging"),
    compareAction(board),
  ];
  const copies = defineReplicationSource({
    kind: "test",
    input: z.object({ at: z.string() }),
    position: async ({ at }) => board.copies.get(at),
  });
  board.registry = {
    ...board.registry,
    actions: new Map(actions.map((action) => [action.id, action])),
    replication: new Map([["test", copies]]),
  };
  return board;
}

function switchAction(
  board: Switchboard,
  id: string,
  effect: RecoveryAction["effect"],
  repeat: RecoveryAction["repeat"],
  onAbort: RecoveryAction["onAbort"] = "finish",
): RecoveryAction {
  return defineAction<Input, { on: boolean }>({
    id,
    summary: "Turns a switch on",
    input: Input,
    effect,
    repeat,
    onUnknown: "ask",
    onAbort,
    dependsOn: () => [],
    expectedMs: () => 100,
    ...(effect === "promotion" && { store: () => "db" }),
    assess: async ({ name }): Promise<Assessment<{ on: boolean }>> => {
      if (board.hidden.has(name)) return { state: "unknown", reason: "out of sight" };
      if (board.requests.includes(name) && board.settling.has(name) && !board.on.has(name))
        return { state: "moving", seen: { on: false } };
      return board.on.has(name) ? { state: "reached", seen: { on: true } } : { state: "away", seen: { on: false } };
    },
    ...(effect !== "check" && { apply: ({ name }: Input) => apply(board, name) }),
  });
}

const Dial = z.object({ name: z.string(), value: z.number() });
type Dialled = { value: number; version: number };

/** Turns a dial to a value, under the version that was seen, and can turn it back. */
function dialAction(board: Switchboard): RecoveryAction {
  const reach = (name: string, value: number): Assessment<Dialled> => {
    if (board.hidden.has(name)) return { state: "unknown", reason: "out of sight" };
    const seen = { ...(board.dials.get(name) ?? { value: 0, version: 0 }) };
    return { state: seen.value === value ? "reached" : "away", seen };
  };
  const turn = async (name: string, value: number, { version }: Dialled) => {
    const delayMs = board.delays.get(name) ?? 0;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    board.requests.push(`${name}=${value}`);
    const now = board.dials.get(name)?.version ?? 0;
    if (now !== version) throw new AppError({ code: "vendor-conflict", summary: "It was turned.", retryable: true });
    board.dials.set(name, { value, version: now + 1 });
    board.transitions.push(`${name}=${value}`);
    const failure = board.failures.get(name);
    if (failure && failure.times-- > 0) throw failure.error;
    return {};
  };
  return defineAction<z.infer<typeof Dial>, Dialled>({
    id: "test.dial",
    summary: "Turns a dial",
    input: Dial,
    effect: "traffic",
    repeat: "conditional",
    onUnknown: "wait",
    onAbort: "finish",
    dependsOn: () => [],
    expectedMs: () => 100,
    assess: async ({ name, value }) => reach(name, value),
    apply: ({ name, value }, seen) => turn(name, value, seen),
    undo: {
      assess: async (before, { name }) => reach(name, before.value),
      blockers: (before, seen, { value }) =>
        seen.value === value || seen.value === before.value ? [] : [`somebody else turned it to ${seen.value}`],
      apply: (before, { name }, seen) => turn(name, before.value, seen),
    },
  });
}

function compareAction(board: Switchboard): RecoveryAction {
  return defineAction<Input, Divergence>({
    id: "test.compare",
    summary: "Two copies were compared",
    input: Input,
    effect: "check",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    expectedMs: () => 100,
    assess: async (_, { startedAt }) => ({ state: startedAt ? "reached" : "away", seen: board.divergence }),
    compares: { storeKind: "test", store: () => "db", found: (seen) => seen },
  });
}

async function apply(board: Switchboard, name: string): Promise<{ handle: string }> {
  await board.gates.get(name);
  const delayMs = board.delays.get(name) ?? 0;
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  board.requests.push(name);
  const failure = board.failures.get(name);
  const fails = failure !== undefined && failure.times > 0;
  if (fails) failure.times -= 1;
  const settlesMs = board.settling.get(name);
  const turnOn = () => {
    if (board.on.has(name)) return;
    board.on.add(name);
    board.transitions.push(name);
  };
  if (!fails || failure.afterActing) {
    if (settlesMs === undefined) turnOn();
    else setTimeout(turnOn, settlesMs);
  }
  if (fails) throw failure.error;
  return { handle: `${name}-${board.requests.length}` };
}
