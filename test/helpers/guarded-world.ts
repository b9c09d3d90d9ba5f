import type { NewDomainEvent } from "../../src/events.ts";
import type { Plan, Runbook, Step } from "../../src/plans/plan.ts";
import { defineAction, type RecoveryAction } from "../../src/ports.ts";
import { makePlan, makeStep } from "./plan.ts";
import type { Switchboard } from "./switchboard.ts";

/** East serves, west stands by, north is a third; whoever asks, no people are between the proposal and the steps. */
export function guardedPlan(steps: Step[], runbook: Partial<Runbook> = {}): Plan {
  const plan = makePlan({ failover: { steps, ...runbook } });
  plan.regions.north = { code: "north", name: "north", jurisdiction: "us", settings: { cluster: "north-1" } };
  plan.regions.east!.settings = { cluster: "east-1" };
  plan.regions.west!.settings = { cluster: "west-1" };
  plan.detection.probes.north = [];
  plan.runbooks.failover!.policy.approval = "automatic";
  return plan;
}

/** A first step that takes long enough for the world to change before the second, which would be the disaster. */
export function waitThen(disaster: Partial<Step>): Step[] {
  return [makeStep("first"), makeStep("disaster", { needs: ["first"], ...disaster })];
}

/** Actions of the effects that guards look at. What "scale" would take away is decided by what it sees. */
export function addEffects(board: Switchboard, replicas: { now: number; wanted: number; cluster: string }): void {
  const base = board.registry.actions.get("test.switch")!;
  const like = (id: string, change: Partial<RecoveryAction>) =>
    defineAction({ ...base, id, ...change } as RecoveryAction);
  const added = [
    like("test.traffic", { effect: "traffic" }),
    like("test.fence-source", { effect: "fence", dependsOn: () => ["east"] }),
    like("test.scale-down", { effect: "scale", dependsOn: () => ["east-1"] }),
    like("test.scale-to", {
      effect: "scale",
      dependsOn: () => [replicas.cluster],
      capacity: () => ({ from: replicas.now > replicas.wanted ? [replicas.cluster] : [] }),
    }),
  ];
  const actions = new Map([...board.registry.actions, ...added.map((one): [string, RecoveryAction] => [one.id, one])]);
  board.registry = { ...board.registry, actions };
}

/** Calls this once, when the action has looked at this switch and before it says what it saw. */
export function atFirstLook(board: Switchboard, name: string, look: () => Promise<unknown>): void {
  let looked = false;
  const actions = [...board.registry.actions].map(([id, action]): [string, RecoveryAction] => [
    id,
    {
      ...action,
      assess: async (input, context) => {
        const seen = await action.assess(input, context);
        // Looks without a start are those of readiness.
        if (!looked && (input as { name: string }).name === name && context.startedAt !== undefined) {
          looked = true;
          await look();
        }
        return seen;
      },
    },
  ]);
  board.registry = { ...board.registry, actions: new Map(actions) };
}

let count = 0;

export function quarantineWest(): NewDomainEvent {
  const data = { region: "west", runId: "run-0", reason: "Failed away from." };
  return { key: `quarantine/west/${++count}`, kind: "quarantine.started", actor: "system:test", data };
}

export function liftWest(): NewDomainEvent {
  const data = { region: "west", reason: "It follows." };
  return { key: `lifted/west/${++count}`, kind: "quarantine.lifted", actor: "system:test", data };
}

export function adopted(plan: Plan, closed: boolean): NewDomainEvent {
  const next = structuredClone(plan);
  if (closed) next.regions.west!.jurisdiction = "elsewhere";
  return { key: `plan/${++count}`, kind: "plan.adopted", actor: "system:server", data: { plan: next } };
}

export function readiness(to: "ready" | "blocked"): NewDomainEvent {
  const steps = [
    { stepId: "first", state: "ready" as const },
    to === "blocked"
      ? { stepId: "disaster", state: "blocked" as const, reason: "its data set is not there" }
      : { stepId: "disaster", state: "ready" as const },
  ];
  const data = { runbook: "failover", source: "east", target: "west", from: "unknown" as const, to, steps };
  return { key: `readiness/${++count}`, kind: "readiness.changed", actor: "system:readiness", data };
}
