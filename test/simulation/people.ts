import type { Caller } from "../../src/core.ts";
import { AppError } from "../../src/errors.ts";
import { isInFlight } from "../../src/runs/views.ts";
import type { AppState, RunState } from "../../src/state.ts";
import type { Instance, Instances } from "./instances.ts";
import { EVERYBODY, PERSONS } from "./persons.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";

export interface PeopleOptions {
  schedule: Schedule;
  random: Random;
  trace: Trace;
  instances: Instances;
  /** A command failed in a way that is Muster's own fault. */
  fault(what: string): void;
}

type Act =
  | "propose"
  | "approve"
  | "double-click"
  | "deny"
  | "retry"
  | "skip"
  | "pause"
  | "resume"
  | "abort"
  | "rollback"
  | "resolve";
const CHAOTIC: Record<Act, number> = {
  propose: 4,
  approve: 12,
  "double-click": 2,
  deny: 0.4,
  retry: 4,
  skip: 2,
  pause: 1,
  resume: 3,
  abort: 0.7,
  rollback: 1.5,
  resolve: 1,
};

export interface People {
  /** Somebody does something, wise or not. */
  act(): void;
  /** Somebody presses something at the worst of moments. */
  interfere(): void;
  /** The crew that clears up: approves what waits, retries what failed, and aborts what cannot be helped. */
  clearUp(patience: number): void;
}

/** People at their doors: they look at what an instance shows them, and press what they think is right. */
export function createPeople({ schedule, random, trace, instances, fault }: PeopleOptions): People {
  function call(at: Instance, caller: Caller, name: string, input: object): void {
    trace.say(caller.principal, `${name} ${JSON.stringify(input)} at ${at.name}`);
    at.dispatcher.call(name, input, caller).then(
      () => {},
      (error) => {
        const code = error instanceof AppError ? error.code : "unexpected";
        trace.say(caller.principal, `${name} is refused by ${at.name}: ${code}`);
        if (code === "internal" || code === "unexpected") fault(`${name} failed inside Muster: ${error.message}`);
      },
    );
  }

  /** What one person sees at one instance; nothing when nobody answers. */
  function look(then: (state: AppState, at: Instance) => void): void {
    const reachable = instances.reachable();
    if (reachable.length === 0) return;
    const at = random.pick(reachable);
    // People read for a while: what they press on may be old by then.
    const readMs = random.int(50, 2_000);
    at.core.state().then(
      (state) => void schedule.after(readMs, at.process, () => then(state, at)),
      () => trace.say("people", `see nothing at ${at.name}`),
    );
  }

  function perform(act: Act, state: AppState, at: Instance): void {
    const run = Object.values(state.runs).find(isInFlight);
    if (act === "propose") propose(state, at);
    else if (act === "rollback") {
      const latest = Object.keys(state.runs).at(-1);
      if (latest) call(at, someone("operator"), "rollback", { run: latest, reason: "as it was" });
    } else if (act === "resolve") call(at, PERSONS.commander, "resolve", { reason: "it is over" });
    else if ((act === "pause" || act === "resume") && run) hold(act, run, at);
    else if (act === "abort" && run) {
      const now = random.chance(0.2);
      call(at, someone("operator"), "abort", { run: run.runId, reason: "enough", now });
    } else if ((act === "retry" || act === "skip") && run) handleStep(act, run, at);
    else if (run) decide(act, state, at);
  }

  function decide(act: Act, state: AppState, at: Instance): void {
    const pending = Object.values(state.approvals).find(({ phase }) => phase === "pending");
    if (!pending) return;
    const caller = random.chance(0.05) ? random.pick(EVERYBODY) : someone("approver");
    if (act === "deny") {
      call(at, caller, "deny", { id: pending.approvalId, reason: "no" });
      return;
    }
    const input = { id: pending.approvalId, acceptAll: random.chance(0.9) };
    call(at, caller, "approve", input);
    if (act !== "double-click") return;
    trace.count("double clicks");
    const reachable = instances.reachable();
    if (reachable.length > 0) call(random.pick(reachable), caller, "approve", input);
  }

  function propose(state: AppState, at: Instance): void {
    const caller = random.pick([PERSONS.operator, PERSONS.lead, PERSONS.commander]);
    const others = Object.keys(state.regions).filter((code) => code !== state.active);
    const home = state.active !== state.home && random.chance(0.6);
    if (home) call(at, caller, "failback", { reason: "home" });
    else if (others.length > 0) call(at, caller, "failover", { region: random.pick(others), reason: "a bad night" });
  }

  function hold(act: "pause" | "resume", { runId, paused }: RunState, at: Instance): void {
    // Now and then somebody presses what another has pressed before.
    if ((act === "resume") !== (paused !== undefined) && random.chance(0.9)) return;
    const reason = act === "pause" ? { reason: "let me look" } : {};
    call(at, someone("operator"), act, { run: runId, ...reason });
  }

  function handleStep(act: "retry" | "skip", run: RunState, at: Instance): void {
    const stuck = run.steps.filter(({ phase }) => phase === "failed" || phase === "retrying");
    const candidates = act === "skip" && random.chance(0.2) ? run.steps : stuck;
    if (candidates.length === 0) return;
    const { stepId } = random.pick(candidates);
    const caller = someone("operator");
    if (act === "retry") call(at, caller, "retry", { run: run.runId, step: stepId });
    else call(at, caller, "skip", { run: run.runId, step: stepId, reason: "done by hand" });
  }

  function clearUp(patience: number, state: AppState, at: Instance): void {
    const run = Object.values(state.runs).find(isInFlight);
    if (!run) return;
    const failed = run.steps.find(({ phase }) => phase === "failed");
    const pending = Object.values(state.approvals).find(({ phase }) => phase === "pending");
    if (patience <= 0) call(at, PERSONS.commander, "abort", { run: run.runId, reason: "given up", now: true });
    else if (run.paused) call(at, PERSONS.commander, "resume", { run: run.runId });
    else if (failed) call(at, PERSONS.commander, "retry", { run: run.runId, step: failed.stepId });
    else if (pending) {
      for (const caller of EVERYBODY.filter(({ roles }) => roles.includes("approver"))) {
        call(at, caller, "approve", { id: pending.approvalId, acceptAll: true });
      }
    }
  }

  function someone(role: Caller["roles"][number]): Caller {
    return random.pick(EVERYBODY.filter(({ roles }) => roles.includes(role)));
  }

  /** No look beforehand: pressed at the very moment. */
  function interfere(): void {
    const reachable = instances.reachable();
    if (reachable.length === 0) return;
    const at = random.pick(reachable);
    at.core.state().then(
      (state) => perform(random.pick(["abort", "retry", "skip", "deny"]), state, at),
      () => {},
    );
  }

  return {
    interfere,
    act: () => look((state, at) => perform(random.weighted(CHAOTIC), state, at)),
    clearUp: (patience) => look((state, at) => clearUp(patience, state, at)),
  };
}
