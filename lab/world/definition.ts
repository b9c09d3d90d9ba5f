import type { Deployment } from "../control-planes/kubernetes-objects.ts";
import type { ResourceRecordSet } from "../control-planes/route53-batch.ts";

/** What the lab's world is made of. A further region is one more entry here, and in the plan. */
export interface RegionDefinition {
  code: string;
  /** Replicas of the API when the world is new. */
  replicas: number;
}

/** The first region is home: it has the primary and all the traffic when the world is new. */
export const REGIONS: readonly RegionDefinition[] = [
  { code: "us-east-1", replicas: 10 },
  { code: "eu-central", replicas: 2 },
];
export const HOME = REGIONS[0]!.code;

export const HOSTED_ZONE_ID = "Z0GENAIAPI";
export const ZONE_NAME = "genai-api.example.";
export const API_NAME = "api.genai-api.example";
export const PRIMARY_NAME = "primary.genai-api.example";
const TTL_SECONDS = 2;
export const NAMESPACE = "genai";
export const DEPLOYMENT = "api";

export function edgeHost(region: string): string {
  return `edge.${region}.genai-api.example`;
}

export function initialRecords(): ResourceRecordSet[] {
  const weighted = REGIONS.map(({ code }) => ({
    name: API_NAME,
    type: "CNAME",
    ttl: TTL_SECONDS,
    values: [edgeHost(code)],
    setIdentifier: code,
    weight: code === HOME ? 100 : 0,
  }));
  return [...weighted, { name: PRIMARY_NAME, type: "CNAME", ttl: TTL_SECONDS, values: [edgeHost(HOME)] }];
}

export function initialDeployment({ replicas }: RegionDefinition): Deployment {
  return {
    namespace: NAMESPACE,
    name: DEPLOYMENT,
    replicas,
    generation: 1,
    resourceVersion: 1,
    readyReplicas: 0,
    updatedReplicas: replicas,
    unavailableReplicas: replicas,
  };
}

/** The people of the lab are roles, not persons. */
export const PEOPLE: readonly { id: string; name: string; roles: string[] }[] = [
  { id: "observer", name: "Observer", roles: ["observer"] },
  { id: "operator", name: "Operator", roles: ["observer", "operator"] },
  { id: "approver-1", name: "Approver 1", roles: ["observer", "approver"] },
  { id: "approver-2", name: "Approver 2", roles: ["observer", "approver"] },
  { id: "commander", name: "Commander", roles: ["observer", "operator", "approver", "commander"] },
];
