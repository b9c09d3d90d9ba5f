import type { Deployment } from "../control-planes/kubernetes-objects.ts";
import type { ResourceRecordSet } from "../control-planes/route53-batch.ts";
import type { ApiFault, WorldState } from "./state.ts";

/** What `GET /state` answers. */
export interface LabState {
  pid: number;
  startedAt: string;
  addresses: Record<string, string>;
  redis: { flavour: "redis" | "stand-in"; label: string };
  /** The region whose Redis was promoted last: the one whose acknowledgements count. */
  primary: string;
  eras: { region: string; since: string }[];
  regions: RegionView[];
  zones: WorldState["zones"];
  /** The records that resolvers answer from at this moment. */
  effective: ResourceRecordSet[];
  apiFaults: Record<string, ApiFault>;
  traffic: { pid: number | undefined };
  processes: { name: string; pid: number }[];
}

export interface RegionView {
  code: string;
  killed: boolean;
  frozen: boolean;
  partitioned: boolean;
  slowMs: number;
  replicationLagMs: number;
  addresses: { edge: string; redis: string; kubernetes: string };
  redis: {
    flavour: "redis" | "stand-in";
    label: string;
    role: "primary" | "replica" | "unknown";
    linkUp?: boolean;
    replicaOf?: { host: string; port: number };
    minReplicasToWrite: number;
    pid: number | undefined;
  };
  deployments: Deployment[];
  edge: { pid: number | undefined };
  pods: { name: string; pid: number; ready: boolean }[];
}
