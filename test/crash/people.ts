import { createMuster, type MusterClient } from "../../lab/rehearsal/muster.ts";
import { isWrittenUp } from "../../lab/rehearsal/written-up.ts";
import type { AppState, RunState } from "../../src/state.ts";
import type { World } from "./world.ts";

const HOME = "us-east-1";

/** What the people and the world do in the story, each as soon as it is due, whatever server is there to be asked. */
export interface Story {
  /** Looks once and does what is due. Resolves to true when the story is over. */
  advance(url: string): Promise<boolean>;
  /** Decisions that the server acknowledged: `<approval>/<principal>`. */
  acknowledged: Set<string>;
  /** Halted steps that a person retried. */
  retried: string[];
  last: AppState | undefined;
}

/** `struck`: home has been killed before. */
export function createStory(world: World, directory: string, { struck = false } = {}): Story {
  const acknowledged = new Set<string>();
  const retried: string[] = [];
  let restored = false;
  const clients = new Map<string, MusterClient>();
  const clientOf = (url: string): MusterClient => {
    const client = clients.get(url) ?? createMuster(url, directory);
    clients.set(url, client);
    return client;
  };

  async function approve(muster: MusterClient, state: AppState): Promise<void> {
    for (const { approvalId, phase, mustAccept, decisions } of Object.values(state.approvals)) {
      if (phase !== "pending") continue;
      const who = ["approver-1", "approver-2"].find((one) => !decisions.some(({ principal }) => principal === one));
      if (who === undefined) continue;
      await muster.command(who, "approve", { id: approvalId, accept: mustAccept.map(({ id }) => id) });
      acknowledged.add(`${approvalId}/${who}`);
    }
  }

  async function retry(muster: MusterClient, runs: RunState[]): Promise<void> {
    for (const { runId, phase, steps } of runs) {
      const failed = phase === "halted" ? steps.find((step) => step.phase === "failed") : undefined;
      if (!failed) continue;
      await muster.command("operator", "retry", { run: runId, step: failed.stepId });
      retried.push(`${runId}/${failed.stepId}: ${failed.error?.code}`);
    }
  }

  async function actOn(muster: MusterClient, state: AppState): Promise<boolean> {
    const runs = Object.values(state.runs);
    const done = (runbook: string) => runs.some((run) => run.runbook === runbook && run.phase === "completed");
    if (!struck) {
      if (!calm(state)) return false;
      struck = true;
      await world.kill(HOME);
    }
    await approve(muster, state);
    await retry(muster, runs);
    if (done("failover") && !restored) {
      // Once, also when whoever waits for it has been called away meanwhile.
      restored = true;
      await world.redis["eu-central"]?.command("SET", "after-failover", "1").catch(() => {});
      await world.restore(HOME);
    }
    const free = runs.every(({ phase }) => phase === "completed" || phase === "cancelled" || phase === "aborted");
    if (done("rejoin") && free && !done("failback") && state.regions[HOME]?.quarantine === undefined) {
      await muster.command("operator", "failback", { reason: "home is healthy again" });
    }
    return done("failback") && isWrittenUp(muster, state);
  }

  const story: Story = {
    acknowledged,
    retried,
    last: undefined,
    async advance(url) {
      const muster = clientOf(url);
      story.last = await muster.state();
      return actOn(muster, story.last);
    },
  };
  return story;
}

function calm({ regions, readiness }: AppState): boolean {
  const healthy = Object.values(regions).every(({ verdict }) => verdict === "healthy");
  return healthy && readiness["failover/us-east-1/eu-central"]?.status === "ready";
}
