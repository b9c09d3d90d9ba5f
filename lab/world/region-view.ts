import type { Deployment } from "../control-planes/kubernetes-objects.ts";
import type { RedisRole } from "../region/role.ts";
import type { RedisFlavour } from "./redis-server.ts";
import type { RegionState } from "./state.ts";
import type { RegionView } from "./view.ts";

export interface RegionFacts {
  flavour: RedisFlavour;
  role: RedisRole | undefined;
  redisPid: number | undefined;
  edgePid: number | undefined;
  deployments: Deployment[];
  pods: RegionView["pods"];
}

export function viewRegion(state: RegionState, facts: RegionFacts): RegionView {
  const { code, killed, frozen, partitioned, slowMs, replicationLagMs, ports } = state;
  const { flavour, role, deployments, pods } = facts;
  return {
    code,
    killed,
    frozen,
    partitioned,
    slowMs,
    replicationLagMs,
    addresses: {
      edge: `http://127.0.0.1:${ports.edge}`,
      redis: `redis://127.0.0.1:${ports.redis}`,
      kubernetes: `http://127.0.0.1:${ports.kubernetes}`,
    },
    redis: {
      flavour: flavour.flavour,
      label: flavour.label,
      role: role?.role ?? "unknown",
      ...(role?.role === "replica" ? { linkUp: role.linkUp } : {}),
      ...state.redis,
      pid: facts.redisPid,
    },
    deployments,
    edge: { pid: facts.edgePid },
    pods,
  };
}
