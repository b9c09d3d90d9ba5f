import { z } from "zod";
import type { AppError } from "../../src/errors.ts";
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
  /** Where each copy of the store stands; a copy that is not there does not answer. */
  copies: Map<string, ReplicaPosition>;
  /** Milliseconds from the answer of `apply` until the switch is on; it is moving meanwhile. */
  settling: Map<string, number>;
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
    copies: new Map([
      ["east", { role: "primary", position: 1_000, history: "h1", writable: true }],
      ["west", { role: "replica", position: 1_000, history: "h1", linkUp: true, writable: false }],
    ]),
    settling: new Map(),
    registry: { actions: new Map(), probes: new Map(), replication: new Map(), traffic: new Map() },
  };
  const actions = [
    switchAction(board, "test.switch", "none", "converging"),
    switchAction(board, "test.once", "none", "once"),
    switchAction(board, "test.left", "none", "converging", "stop"),
    switchAction(board, "test.fence", "fence", "converging"),
    switchAction(board, "test.promote", "promotion", "converging"),
    switchAction(board, "test.check", "check", "converging"),
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

async function apply(board: Switchboard, name: string): Promise<{ handle: string }> {
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
