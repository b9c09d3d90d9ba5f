import { join } from "node:path";
import type { KubernetesApi } from "../control-planes/kubernetes.ts";
import type { EdgeConfig, EdgeOrder } from "../region/edge.ts";
import type { Network } from "../region/gate.ts";
import type { RedisRole } from "../region/role.ts";
import { DEPLOYMENT, NAMESPACE } from "./definition.ts";
import { createPods } from "./pods.ts";
import type { Child, Processes } from "./processes.ts";
import { type RedisFlavour, startRedis, watchRedis } from "./redis-server.ts";
import { viewRegion } from "./region-view.ts";
import type { RegionState } from "./state.ts";
import { supervise } from "./supervised.ts";
import type { RegionView } from "./view.ts";

export interface LabRegion {
  state: RegionState;
  /** Starts its processes; a frozen region is stopped again as soon as its doors are there. */
  start(): void;
  /** Resolves when its processes are gone. */
  kill(): Promise<void>;
  /** Starts what was killed, with Redis as a primary that takes writes and remembers its data only. */
  restore(): void;
  freeze(): void;
  thaw(): void;
  /** Its own state or another region's has changed what its network lets through. */
  networkChanged(): void;
  scale(replicas: number): void;
  /** Asks its Redis, remembers what it says, and tells when a replica has become a primary. */
  look(): Promise<"promoted" | undefined>;
  view(): RegionView;
  /** Somebody would be answered. */
  serves(): boolean;
  /** The world ends: nothing is started again. */
  close(): void;
}

export interface RegionOptions {
  state: RegionState;
  /** All regions, this one included. */
  all: RegionState[];
  directory: string;
  processes: Processes;
  flavour: RedisFlavour;
  kubernetes: KubernetesApi;
  /** Where the world serves this region's Kubernetes API; the gate makes it reachable. */
  kubernetesPort: number;
  podReadyMs: number;
  onChange(): void;
}

type EdgeMessage = { kind: "listening" } | { kind: "failed"; summary: string };

export function createRegion(options: RegionOptions): LabRegion {
  const { state, kubernetes, onChange } = options;
  const peers = peersOf(options);
  const watch = watchRedis(state.ports.redisServer);
  let role: RedisRole | undefined;
  let lastSeen: Child | undefined;
  let closed = false;

  const redis = supervise((restarted) => spawnRedis(options, restarted));
  const edge = supervise(() => spawnEdge(options, edgeOpened));
  const pods = createPods({
    processes: options.processes,
    region: state.code,
    pod: { redisPort: state.ports.redisServer, peers, readyMs: options.podReadyMs },
    frozen: () => state.frozen,
    onChange: podsChanged,
  });

  const tellEdge = (order: EdgeOrder) => edge.current()?.send(order);
  const desired = () => state.deployments.find((one) => one.name === DEPLOYMENT)?.replicas ?? 0;
  const networkChanged = () => tellEdge({ kind: "network", network: networkOf(options) });
  const signalAll = (signal: NodeJS.Signals) => [redis, edge, pods].forEach((one) => void one.signal(signal));

  function podsChanged(): void {
    const ready = pods.ready();
    tellEdge({ kind: "pods", pods: ready, desired: desired() });
    if (!state.killed && !closed) kubernetes.setStatus(NAMESPACE, DEPLOYMENT, ready.length);
  }

  function edgeOpened(): void {
    podsChanged();
    if (state.frozen) signalAll("SIGSTOP");
    networkChanged();
  }

  function start(): void {
    if (state.killed) return;
    redis.start();
    edge.start();
    pods.scale(desired());
  }

  async function kill(): Promise<void> {
    role = undefined;
    Object.assign(state, { killed: true, frozen: false });
    onChange();
    // The edge first: after it nothing is acknowledged to anybody outside.
    await Promise.all([edge.kill(), redis.kill(), pods.kill()]);
  }

  function restore(): void {
    Object.assign(state, { killed: false, redis: { minReplicasToWrite: 0 } });
    kubernetes.setStatus(NAMESPACE, DEPLOYMENT, 0);
    start();
    onChange();
  }

  function setFrozen(frozen: boolean): void {
    state.frozen = frozen;
    signalAll(frozen ? "SIGSTOP" : "SIGCONT");
    if (!frozen) pods.resume();
    onChange();
  }

  async function look(): Promise<"promoted" | undefined> {
    const asked = redis.current();
    if (!asked || state.frozen || closed) return undefined;
    const seen = await watch.look();
    if (!seen || redis.current() !== asked) return undefined;
    const before = state.redis;
    // Only the same process can have been promoted: one that was started anew follows its file.
    const promoted = lastSeen === asked && before.replicaOf && !seen.settings.replicaOf;
    lastSeen = asked;
    role = seen.role;
    if (JSON.stringify(before) !== JSON.stringify(seen.settings)) {
      state.redis = seen.settings;
      onChange();
    }
    return promoted ? "promoted" : undefined;
  }

  return {
    state,
    start,
    kill,
    restore,
    freeze: () => setFrozen(true),
    thaw: () => setFrozen(false),
    networkChanged,
    scale: (replicas) => {
      if (!state.killed) pods.scale(replicas);
    },
    look,
    view: () =>
      viewRegion(state, {
        flavour: options.flavour,
        role,
        redisPid: redis.current()?.pid,
        edgePid: edge.current()?.pid,
        deployments: kubernetes.snapshot(),
        pods: pods.list(),
      }),
    serves: () => pods.ready().length > 0 && !state.frozen,
    close() {
      closed = true;
      watch.close();
    },
  };
}

function peersOf({ state, all }: RegionOptions): Record<string, number> {
  return Object.fromEntries(all.filter((one) => one !== state).map((one) => [one.code, one.ports.redis]));
}

function networkOf({ state, all }: RegionOptions): Network {
  const { partitioned, slowMs, replicationLagMs } = state;
  const cutPeers = all.filter((one) => one !== state && one.partitioned).map((one) => one.code);
  return { partitioned, cutPeers, slowMs, replicationLagMs };
}

function spawnEdge(options: RegionOptions, onListening: () => void): Child {
  const { state, processes, kubernetesPort } = options;
  const { edge, redis, kubernetes, redisServer } = state.ports;
  const config: EdgeConfig = {
    region: state.code,
    ports: { edge, redis, kubernetes },
    targets: { redis: redisServer, kubernetes: kubernetesPort },
    peers: peersOf(options),
    // Until it is stopped, a region that was frozen must not serve: its old primary would take writes.
    network: { ...networkOf(options), partitioned: state.partitioned || state.frozen },
  };
  return processes.startModule(`edge ${state.code}`, "region/edge.ts", config, (message: EdgeMessage) => {
    if (message.kind === "listening") onListening();
    else console.error(`${state.code}: ${message.summary}`);
  });
}

function spawnRedis({ directory, state, processes, flavour }: RegionOptions, restarted: boolean): Child {
  const files = {
    directory: join(directory, `redis-${state.code}`),
    ports: state.ports,
    settings: state.redis,
    majorVersion: flavour.majorVersion,
  };
  return startRedis(processes, state.code, flavour, files, !restarted);
}
