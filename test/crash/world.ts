import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createKubernetesApi, type KubernetesApi } from "../../lab/control-planes/kubernetes.ts";
import { createRoute53 } from "../../lab/control-planes/route53.ts";
import { listenWith, sendJson } from "../../lab/http.ts";
import { API_NAME, DEPLOYMENT, edgeHost, HOSTED_ZONE_ID, NAMESPACE } from "../../lab/world/definition.ts";
import { newWorld } from "../../lab/world/new-world.ts";
import { createResolver } from "../../lab/world/resolver.ts";
import type { RegionState, WorldState } from "../../lab/world/state.ts";
import { createEffects, type Effects } from "./effects.ts";
import { type RegionRedis, startRedisPair } from "./redis-pair.ts";
import { createStats } from "./stats.ts";

/**
 * The lab's two regions without its pods: the lab's control planes over the wire, a Redis process for each region,
 * edges and a public name inside this process. It starts in a blink and keeps its own record of what was changed.
 */
export interface World {
  state: WorldState;
  effects: Effects;
  /** Which Redis it is, for people. */
  flavour: string;
  /** The region is gone: nothing of it answers, and its Redis is killed. */
  kill(region: string): Promise<void>;
  /** It comes back as it was, its Redis as a primary that takes writes. */
  restore(region: string): Promise<void>;
  redis: Record<string, RegionRedis>;
  /** When this very process was late, and by how much: what a region did not answer meanwhile is no fault of Muster's. */
  late: { at: number; lateMs: number }[];
  stop(): Promise<void>;
}

const PROPAGATION_MS = 30;
const POD_READY_MS = 20;
const TRAFFIC_MS = 20;
const LATE_MS = 100;

export async function startWorld(): Promise<World> {
  const state = await newWorld(Date.now());
  const effects = createEffects();
  const down = new Set<string>();
  const servers: Server[] = [];
  const redis = await startRedisPair(state.regions, effects);
  const stats = createStats(state.regions.map(({ code }) => code));

  const route53 = createRoute53({
    zones: state.zones,
    propagationMs: PROPAGATION_MS,
    onChange: () => {
      state.zones = route53.snapshot();
      noteChanges();
    },
  });
  const clusters = new Map(state.regions.map((region) => [region.code, cluster(region, state, () => noteChanges())]));
  state.zones = route53.snapshot();
  const noteChanges = watchPlanes(state, effects);

  const hosts = Object.fromEntries(
    state.regions.map(({ code, ports }) => [edgeHost(code), { region: code, address: `127.0.0.1:${ports.edge}` }]),
  );
  const resolver = createResolver({ records: () => route53.effective(HOSTED_ZONE_ID), hosts });
  const late: World["late"] = [];
  let beat = Date.now();
  const traffic = setInterval(() => {
    const lateMs = Date.now() - beat - TRAFFIC_MS;
    beat = Date.now();
    if (lateMs > LATE_MS) late.push({ at: beat, lateMs });
    for (let count = 0; count < 10; count++) {
      const region = resolver.resolve(API_NAME)?.region;
      if (region !== undefined) stats.note(region, !down.has(region));
    }
  }, TRAFFIC_MS);

  async function door(port: number, region: string | undefined, handler: Handler): Promise<void> {
    const { server } = await listenWith(
      (req, res) => (region !== undefined && down.has(region) ? void req.socket.destroy() : handler(req, res)),
      port,
      "door",
    );
    server.keepAliveTimeout = 1_000;
    servers.push(server);
  }
  const counting =
    (resource: string, handler: Handler): Handler =>
    async (req, res) => {
      if (req.method !== "GET") await effects.asked(resource, req.socket.remotePort);
      handler(req, res);
    };

  for (const { code, ports } of state.regions) {
    const api = clusters.get(code)!;
    await door(ports.kubernetes, code, counting(`kubernetes ${code}`, api.handler));
    await door(
      ports.edge,
      code,
      edge(() => api.snapshot()[0]!, stats.of(code)),
    );
  }
  await door(state.ports.route53, undefined, counting("route53", route53.handler));
  await door(state.ports.front, undefined, (_req, res) => {
    const region = resolver.resolve(API_NAME)?.region;
    const served = region !== undefined && !down.has(region);
    sendJson(res, served ? 200 : 502, { status: served ? "ok" : "down" });
  });

  return {
    state,
    effects,
    flavour: redis.flavour,
    redis: redis.regions,
    late,
    async kill(region) {
      down.add(region);
      await redis.regions[region]?.kill();
    },
    async restore(region) {
      await redis.regions[region]?.restore();
      down.delete(region);
    },
    async stop() {
      clearInterval(traffic);
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await redis.stop();
    },
  };
}

function cluster(region: RegionState, state: WorldState, onChange: () => void): KubernetesApi {
  const [deployment] = region.deployments as [RegionState["deployments"][number]];
  const api = createKubernetesApi({
    token: state.tokens.kubernetes,
    deployments: [{ ...deployment, readyReplicas: deployment.replicas, unavailableReplicas: 0 }],
    onScale: (_namespace, _name, replicas) =>
      void setTimeout(() => api.setStatus(NAMESPACE, DEPLOYMENT, replicas), POD_READY_MS),
    onChange: () => {
      region.deployments = api.snapshot();
      onChange();
    },
  });
  return api;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

function edge(
  deployment: () => { readyReplicas: number; replicas: number },
  stats: (seconds: number) => object,
): Handler {
  return (req, res) => {
    const url = new URL(req.url ?? "/", "http://edge");
    if (url.pathname === "/stats") return sendJson(res, 200, stats(Number(url.searchParams.get("seconds") ?? 10)));
    const { readyReplicas, replicas } = deployment();
    sendJson(res, readyReplicas > 0 ? 200 : 503, { status: "ok", ready: readyReplicas, desired: replicas });
  };
}

/** Writes down what became different in the control planes, each time that one of them has changed. */
function watchPlanes(state: WorldState, effects: Effects): () => void {
  let before = look(state);
  return () => {
    const after = look(state);
    for (const [resource, value] of Object.entries(after)) {
      if (before[resource] !== value) effects.changed(resource, before[resource] ?? "", value);
    }
    before = after;
  };
}

function look({ regions, zones }: WorldState): Record<string, string> {
  const replicas = regions.map(({ code, deployments }: RegionState): [string, string] => [
    `kubernetes ${code}`,
    `${deployments[0]?.replicas} replicas`,
  ]);
  const byName = new Map<string, string[]>();
  for (const { name, setIdentifier, weight, values } of zones[0]?.records ?? []) {
    const text = setIdentifier === undefined ? values.join(" ") : `${setIdentifier} ${weight}`;
    byName.set(name, [...(byName.get(name) ?? []), text]);
  }
  const records = [...byName].map(([name, texts]): [string, string] => [`route53 ${name}`, texts.sort().join(", ")]);
  return Object.fromEntries([...replicas, ...records]);
}
