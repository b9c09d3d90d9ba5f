import type { PodAddress } from "../region/balancer.ts";
import type { PodConfig } from "../region/pod.ts";
import type { Child, Processes } from "./processes.ts";

export interface Pods {
  /** The cluster wants this many: starts or stops processes. */
  scale(replicas: number): void;
  ready(): PodAddress[];
  list(): { name: string; pid: number; ready: boolean }[];
  signal(signal: NodeJS.Signals): void;
  /** The region runs again after it was frozen. */
  resume(): void;
  /** Ends all of them at once and starts none until `scale` is called again. */
  kill(): Promise<void>;
}

export interface PodsOptions {
  processes: Processes;
  region: string;
  /** Everything of a pod's configuration but its name. */
  pod: Omit<PodConfig, "name" | "region">;
  /** A frozen region starts nothing. */
  frozen(): boolean;
  /** The set of ready pods has changed. */
  onChange(): void;
}

interface Pod {
  name: string;
  child: Child;
  port: number | undefined;
  leaving: boolean;
}

/** More at once would only take the machine's cores from those that serve. */
const MAX_STARTING = 3;
const RESTART_AFTER_MS = 500;
/** The edge forgets a pod before the pod closes its door. */
const DRAIN_MS = 100;

/** Keeps as many pods running as the deployment wants, and replaces those that die. */
export function createPods({ processes, region, pod, frozen, onChange }: PodsOptions): Pods {
  const pods = new Map<string, Pod>();
  let wanted = 0;
  let pausedUntil = 0;

  function fill(): void {
    if (frozen()) return;
    const delayMs = pausedUntil - performance.now();
    if (delayMs > 0) {
      setTimeout(fill, delayMs);
      return;
    }
    for (let index = 1; index <= wanted; index++) {
      const starting = [...pods.values()].filter(({ port, leaving }) => port === undefined && !leaving).length;
      if (starting >= MAX_STARTING) return;
      if (!pods.has(`api-${index}`)) start(`api-${index}`);
    }
  }

  function start(name: string): void {
    const config: PodConfig = { ...pod, region, name };
    const child = processes.startModule(`pod ${region} ${name}`, "region/pod.ts", config, (message: PodMessage) => {
      started.port = message.port;
      onChange();
      fill();
    });
    const started: Pod = { name, child, port: undefined, leaving: false };
    pods.set(name, started);
    child.exited.then(() => {
      if (pods.get(name) !== started) return;
      pods.delete(name);
      if (!started.leaving) pausedUntil = performance.now() + RESTART_AFTER_MS;
      onChange();
      fill();
    });
  }

  function leave(pod: Pod): void {
    pod.leaving = true;
    setTimeout(() => pod.child.signal("SIGTERM"), DRAIN_MS);
  }

  const ready = () => [...pods.values()].filter(({ port, leaving }) => port !== undefined && !leaving);
  return {
    scale(replicas) {
      wanted = replicas;
      for (const pod of pods.values()) {
        if (Number(pod.name.slice("api-".length)) > wanted && !pod.leaving) leave(pod);
      }
      onChange();
      fill();
    },
    ready: () => ready().map(({ name, port }) => ({ name, port: port! })),
    list: () =>
      [...pods.values()].map(({ name, child, port }) => ({ name, pid: child.pid, ready: port !== undefined })),
    signal: (signal) => {
      for (const { child } of pods.values()) child.signal(signal);
    },
    resume: fill,
    async kill() {
      wanted = 0;
      const all = [...pods.values()];
      pods.clear();
      for (const { child } of all) child.signal("SIGKILL");
      await Promise.all(all.map(({ child }) => child.exited));
    },
  };
}

interface PodMessage {
  kind: "ready";
  port: number;
}
