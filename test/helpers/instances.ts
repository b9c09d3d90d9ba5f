import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type LabClient, startLab } from "../../lab/client.ts";
import { createMuster, type MusterClient } from "../../lab/rehearsal/muster.ts";
import { serverEnvironment } from "../../lab/server.ts";
import type { StoreStatus } from "../../src/instances/views.ts";

const ENTRY = join(import.meta.dirname, "..", "..", "src", "main.ts");
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

/** `GET /readyz` of one instance, which tells no stranger more than a word, and what its `status` tells besides. */
export interface Ready {
  status: number;
  ready: boolean;
  reason?: string;
  store: StoreStatus;
  instances: { name: string; alive: boolean; self: boolean; leases: string[]; seenAt: string }[];
}

/** One `node src/main.ts serve`, as whoever operates it sees it. */
export interface Instance {
  name: string;
  url: string;
  muster: MusterClient;
  /** Everything that it has logged. */
  log(): string;
  ready(): Promise<Ready>;
  /** kill -9. */
  kill(): Promise<void>;
  freeze(): void;
  wake(): void;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** A world of the lab, and as many instances of Muster as a test wants, each with a data directory of its own. */
export async function openPlace() {
  const data = mkdtempSync(join(tmpdir(), "muster-place-"));
  const { lab } = await startLab(data);
  const started: Instance[] = [];
  return {
    data,
    lab,
    async start(name: string, env: Record<string, string>): Promise<Instance> {
      const instance = await startInstance(data, name, env);
      started.push(instance);
      return instance;
    },
    /** A chat beside the lab ends between the instances and the world. */
    async end(beside?: { close(): Promise<void> }) {
      for (const instance of started) await instance.kill();
      await beside?.close();
      await lab.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export type Place = Awaited<ReturnType<typeof openPlace>>;

async function startInstance(data: string, name: string, env: Record<string, string>): Promise<Instance> {
  const child = spawn(process.execPath, [ENTRY, "serve"], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...serverEnvironment(data, 0, process.env),
      MUSTER_DATA: join(data, name),
      MUSTER_REPORTS: join(data, "reports"),
      MUSTER_INSTANCE: name,
      MUSTER_LEASE_MS: "3000",
      ...env,
    },
  });
  let log = "";
  child.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} is not ready in time:\n${log}`)), START_TIMEOUT_MS);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const [, found] = /^ready (\S+)/.exec(line) ?? [];
      if (found) resolve(found);
    });
    exited.then(() => reject(new Error(`${name} ended before it was ready:\n${log}`)));
    exited.finally(() => clearTimeout(timer));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    // A frozen process takes no other signal to heart.
    if (signal !== "SIGKILL") child.kill("SIGCONT");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  const muster = createMuster(url, data);
  return {
    name,
    url,
    muster,
    log: () => log,
    async ready() {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(10_000) });
      const said = (await response.json()) as Pick<Ready, "ready" | "reason">;
      const { store, instances } = await muster.command<Omit<Ready, "status">>("observer", "status", {});
      return { status: response.status, ...said, store, instances };
    },
    kill: async () => void (await end("SIGKILL")),
    freeze: () => void child.kill("SIGSTOP"),
    wake: () => void child.kill("SIGCONT"),
    stop: () => end("SIGTERM"),
  };
}

/** Waits for what the instances say themselves. Throws with what it was when the time is over. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  withinMs: number,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look().catch((error: unknown) => error as T);
    if (!(seen instanceof Error) && holds(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(
        `Waited ${withinMs} ms in vain: ${what}. Last: ${seen instanceof Error ? seen : JSON.stringify(seen)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Which living instance drives the runs, as this one sees it. */
export const executorOf = ({ instances }: Ready): string | undefined =>
  instances.find(({ alive, leases }) => alive && leases.includes("executor"))?.name;

/** A region dies, a failover is proposed, and two people approve it. */
export async function approveFailover(muster: MusterClient, lab: LabClient): Promise<void> {
  await eventually(
    "a ready failover",
    // Assessed anew: on a busy machine the first look may have seen nothing in time, and the next is minutes away.
    () => muster.command<{ readiness: { status: string }[] }>("observer", "readiness", {}),
    ({ readiness }) => readiness.some(({ status }) => status === "ready"),
    60_000,
  );
  await lab.fault({ kind: "kill", region: "us-east-1" });
  const { approvals } = await muster.until("a proposal", (state) => "ap-1" in state.approvals, 30_000);
  const accept = approvals["ap-1"]?.mustAccept.map(({ id }) => id);
  for (const person of ["approver-1", "approver-2"]) await muster.command(person, "approve", { id: "ap-1", accept });
}

/** The lab asks its Redis servers now and then what they are, so that it may know of a promotion after Muster does. */
export async function untilPrimary(lab: LabClient, region: string): Promise<void> {
  const look = async () => (await lab.state()).primary;
  await eventually(`the lab to see the primary in ${region}`, look, (primary) => primary === region, 10_000);
}

/** Until the first change that cannot be undone is on its way. */
export async function untilPromotion(muster: MusterClient): Promise<void> {
  await muster.until(
    "the promotion to be intended",
    ({ runs }) => runs["run-1"]?.steps.find(({ stepId }) => stepId === "promote-target")?.intended !== undefined,
    30_000,
  );
}

/** Whoever is asked anew, because the facts left what was approved, looks and says yes again. */
export async function untilCompleted(muster: MusterClient, withinMs = 60_000): Promise<void> {
  await eventually(
    "the failover to complete",
    async () => {
      const { runs, approvals } = await muster.state();
      for (const { approvalId, phase, mustAccept } of Object.values(approvals)) {
        if (phase !== "pending") continue;
        const input = { id: approvalId, accept: mustAccept.map(({ id }) => id) };
        for (const person of ["approver-1", "approver-2"])
          await muster.command(person, "approve", input).catch(() => {});
      }
      const { phase, steps = [] } = runs["run-1"] ?? {};
      return {
        phase,
        steps: steps.map((step) => [step.stepId, step.phase, step.error?.summary, step.reason]),
        approvals,
      };
    },
    ({ phase }) => phase === "completed",
    withinMs,
  );
}
