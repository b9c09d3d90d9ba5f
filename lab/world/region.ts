import { join } from "node:path";
import type { createKubernetesApi } from "../control-planes/kubernetes.ts";
import type { EdgeConfig, EdgeOrder } from "../region/edge.ts";
import type { Network } from "../region/gate.ts";
import type { RedisRole } from "../region/role.ts";
import { DEPLOYMENT, NAMESPACE } from "./definition.ts";
import { createPods } from "./pods.ts";
import type { Child, Processes } from "./processes.ts";
import { type RedisFlavour, startRedis, watchRedis } from "./redis-server.ts";
import type { RegionState } from "./state.ts";
import type { RegionView } from "./view.ts";

export interface LabRegion {
  state: RegionState;
  /** Starts its processes; a frozen region is stopped again as soon as its doors are there. */
  start(): void;
  /** Resolves when its processes are gone. */
  kill(): Promise<void>;
  restore(): void;
  freeze(): void;
  thaw(): void;
  /** Its own state or another region's has changed what its network lets through. */
  networkChanged(): void;
  scale(replicas: number): void;
  role(): RedisRole | undefined;
  /** Asks its Redis, remembers what it says, and tells when a replica has become a primary. */
  look(): Promise<"promoted" | undefined>;
  view(): RegionView;
  ready(): number;
  close(): void;
}

export interface RegionOptions {
  state: RegionState;
  /** All regions, this one included. */
  all: RegionState[];
  directory: string;
  processes: Processes;
  flavour: RedisFlavour;
  kubernetes: ReturnType<typeof createKubernetesApi>;
  /** Where the world serves this region's Kubernetes API; the gate makes it reachable. */
  kubernetesPort: number;
  podReadyMs: number;
  onChange(): void;
  /** The region cannot be started: a port is taken. */
  onFatal(summary: string): void;
}

const RESTART_AFTER_MS = 500;

export function createRegion(options: RegionOptions): LabRegion {
  const { state, all, processes, flavour, kubernetes, onChange } = options;
  const peers = Object.fromEntries(all.filter((one) => one !== state).map((one) => [one.code, one.ports.redis]));
  const watch = watchRedis(state.ports.redisServer);
  let edge: Child | undefined;
  let redis: Child | undefined;
  let role: RedisRole | undefined;
  let lastSeen: Child | undefined;
  let closed = false;

  const pods = createPods({
    processes,
    region: state.code,
    pod: { redisPort: state.ports.redisServer, peers, readyMs: options.podReadyMs },
    frozen: () => state.frozen,
    onChange: podsChanged,
  });

  const desired = () => state.deployments.find((one) => one.name === DEPLOYMENT)?.replicas ?? 0;

  function podsChanged(): void {
    const ready = pods.ready();
    edge?.send({ kind: "pods", pods: ready, desired: desired() } satisfies EdgeOrder);
    if (!state.killed && !closed) kubernetes.setStatus(NAMESPACE, DEPLOYMENT, ready.length);
  }

  function network(): Network {
    const { partitioned, slowMs, replicationLagMs } = state;
    const cutPeers = all.filter((one) => one !== state && one.partitioned).map((one) => one.code);
    return { partitioned, cutPeers, slowMs, replicationLagMs };
  }

  function startEdge(): void {
    const { edge: edgePort, redis: redisPort, kubernetes: kubernetesGate, redisServer } = state.ports;
    const config: EdgeConfig = {
      region: state.code,
      ports: { edge: edgePort, redis: redisPort, kubernetes: kubernetesGate },
      targets: { redis: redisServer, kubernetes: options.kubernetesPort },
      peers,
      // Until it is stopped, a region that was frozen must not serve: its old primary would take writes.
      network: { ...network(), partitioned: state.partitioned || state.frozen },
    };
    const child = processes.startModule(`edge ${state.code}`, "region/edge.ts", config, (message: EdgeMessage) => {
      if (message.kind === "failed") return options.onFatal(message.summary);
      podsChanged();
      if (state.frozen) stopAll();
      networkChanged();
    });
    edge = child;
    restartWhenGone(child, () => edge === child, startEdge);
  }

  function startStore(reconfigure: boolean): void {
    const directory = join(options.directory, `redis-${state.code}`);
    const files = { directory, ports: state.ports, settings: state.redis, majorVersion: flavour.majorVersion };
    const child = startRedis(processes, state.code, flavour, files, reconfigure);
    redis = child;
    restartWhenGone(
      child,
      () => redis === child,
      () => startStore(false),
    );
  }

  /** What dies by itself is started again, as its supervisor in a real region would. */
  function restartWhenGone(child: Child, isCurrent: () => boolean, start: () => void): void {
    child.exited.then(() => {
      setTimeout(() => !closed && !state.killed && isCurrent() && start(), RESTART_AFTER_MS);
    });
  }

  function networkChanged(): void {
    edge?.send({ kind: "network", network: network() } satisfies EdgeOrder);
  }

  const living = () => [edge, redis].filter((child) => child?.isAlive()) as Child[];
  function stopAll(): void {
    for (const child of living()) child.signal("SIGSTOP");
    pods.signal("SIGSTOP");
  }

  function start(): void {
    if (state.killed) return;
    startStore(true);
    startEdge();
    pods.scale(desired());
  }

  return {
    state,
    start,
    async kill() {
      // The edge first: after it nothing is acknowledged to anybody outside.
      const children = [edge, redis];
      edge = undefined;
      redis = undefined;
      role = undefined;
      Object.assign(state, { killed: true, frozen: false });
      for (const child of children) child?.signal("SIGKILL");
      onChange();
      await Promise.all([pods.kill(), ...children.map((child) => child?.exited)]);
    },
    restore() {
      Object.assign(state, { killed: false, redis: { minReplicasToWrite: 0 } });
      kubernetes.setStatus(NAMESPACE, DEPLOYMENT, 0);
      start();
      onChange();
    },
    freeze() {
      state.frozen = true;
      stopAll();
      onChange();
    },
    thaw() {
      state.frozen = false;
      for (const child of living()) child.signal("SIGCONT");
      pods.signal("SIGCONT");
      pods.resume();
      onChange();
    },
    networkChanged,
    scale: (replicas) => {
      if (!state.killed) pods.scale(replicas);
    },
    role: () => role,
    async look() {
      if (state.killed || state.frozen || closed) return undefined;
      const asked = redis;
      const seen = await watch.look();
      if (!seen || !asked || redis !== asked) return undefined;
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
    },
    view: () => ({
      code: state.code,
      killed: state.killed,
      frozen: state.frozen,
      partitioned: state.partitioned,
      slowMs: state.slowMs,
      replicationLagMs: state.replicationLagMs,
      addresses: {
        edge: `http://127.0.0.1:${state.ports.edge}`,
        redis: `redis://127.0.0.1:${state.ports.redis}`,
        kubernetes: `http://127.0.0.1:${state.ports.kubernetes}`,
      },
      redis: {
        flavour: flavour.flavour,
        label: flavour.label,
        role: role?.role ?? "unknown",
        ...(role?.role === "replica" ? { linkUp: role.linkUp } : {}),
        ...state.redis,
        pid: redis?.pid,
      },
      deployments: kubernetes.snapshot(),
      edge: { pid: edge?.pid },
      pods: pods.list(),
    }),
    ready: () => pods.ready().length,
    close() {
      closed = true;
      watch.close();
    },
  };
}

type EdgeMessage = { kind: "listening" } | { kind: "failed"; summary: string };
