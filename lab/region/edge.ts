import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { childConfig, tellWorld } from "../child.ts";
import { listen, sendJson } from "../http.ts";
import { createRespClient } from "../resp/client.ts";
import { createBalancer, type PodAddress } from "./balancer.ts";
import { type Network, OPEN_NETWORK, openGate } from "./gate.ts";
import { createRoleCache } from "./role.ts";
import { createWindowStats } from "./stats.ts";

/** One process per region: the load balancer in front of its pods, and the gates of its Redis and its cluster. */
export interface EdgeConfig {
  region: string;
  ports: { edge: number; redis: number; kubernetes: number };
  targets: { redis: number; kubernetes: number };
  /** Other regions' Redis gate ports. */
  peers: Record<string, number>;
  network?: Network;
}

export type EdgeOrder = { kind: "pods"; pods: PodAddress[]; desired: number } | { kind: "network"; network: Network };

/** Fewer pods than wanted is progress for this long, and after that it is a degraded region. */
const PROGRESS_DEADLINE_MS = 10_000;

const config = childConfig<EdgeConfig>(({ region }) => `muster-lab edge ${region}`);
const store = createRoleCache(createRespClient({ port: config.targets.redis, timeoutMs: 500 }), 500);
const stats = createWindowStats();
let network = config.network ?? OPEN_NETWORK;
let pods: PodAddress[] = [];
let desired = 0;
let shortSince: number | undefined;
const balance = createBalancer(() => pods);

async function health(): Promise<{ status: number; body: object }> {
  const role = await store.get();
  const late = shortSince !== undefined && performance.now() - shortSince > PROGRESS_DEADLINE_MS;
  const status = pods.length === 0 ? "down" : !role || late ? "degraded" : "ok";
  const linkUp = role?.role === "replica" ? role.linkUp : undefined;
  return {
    status: pods.length === 0 ? 503 : 200,
    body: {
      status,
      region: config.region,
      ready: pods.length,
      desired,
      store: { role: role?.role ?? "unknown", ...(linkUp === undefined ? {} : { linkUp }) },
    },
  };
}

async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = (req.url ?? "/").split("?", 1)[0];
  if (path === "/health") {
    return sendJson(res, pods.length > 0 ? 200 : 503, {
      status: pods.length > 0 ? "ok" : "down",
      region: config.region,
    });
  }
  if (path === "/health/detailed") {
    const { status, body } = await health();
    return sendJson(res, status, body);
  }
  if (path === "/stats") {
    const asked = new URL(req.url ?? "/", "http://edge").searchParams.get("seconds");
    return sendJson(res, 200, { region: config.region, ...stats.read(asked === null ? undefined : Number(asked)) });
  }
  if (path === "/api/query") res.on("close", () => stats.count(!res.writableFinished || res.statusCode >= 500));
  return balance(req, res);
}

async function open(): Promise<void> {
  const front = createServer(
    { keepAliveTimeout: 65_000 },
    (req, res) => void handle(req, res).catch(() => res.destroy()),
  );
  const target = await listen(front, 0, "edge");
  const gates = [
    await openGate({ port: config.ports.edge, target, what: `edge of ${config.region}`, network: () => network }),
    await openGate({
      port: config.ports.redis,
      target: config.targets.redis,
      what: `Redis gate of ${config.region}`,
      network: () => network,
      peers: config.peers,
    }),
    await openGate({
      port: config.ports.kubernetes,
      target: config.targets.kubernetes,
      what: `Kubernetes gate of ${config.region}`,
      network: () => network,
    }),
  ];
  process.on("message", (order: EdgeOrder) => {
    if (order.kind === "pods") {
      ({ pods, desired } = order);
      shortSince = pods.length < desired ? (shortSince ?? performance.now()) : undefined;
      return;
    }
    network = order.network;
    for (const gate of gates) gate.networkChanged();
  });
  tellWorld({ kind: "listening" });
}

open().catch((error: Error) => {
  tellWorld({ kind: "failed", summary: error.message });
  process.exitCode = 1;
  process.disconnect?.();
});
