import { randomBytes } from "node:crypto";
import { HOME, HOSTED_ZONE_ID, initialDeployment, initialRecords, REGIONS, ZONE_NAME } from "./definition.ts";
import { pickPorts } from "./ports.ts";
import type { RegionState, WorldState } from "./state.ts";

/** A world that has never run: home serves and is the primary, the others replicate it. */
export async function newWorld(now: number): Promise<WorldState> {
  const ports = await pickPorts(4 + REGIONS.length * 4);
  const next = () => ports.pop()!;
  const regions = REGIONS.map(
    (definition): RegionState => ({
      code: definition.code,
      ports: { edge: next(), redis: next(), kubernetes: next(), redisServer: next() },
      deployments: [initialDeployment(definition)],
      redis: { minReplicasToWrite: 0 },
      killed: false,
      frozen: false,
      partitioned: false,
      slowMs: 0,
      replicationLagMs: 0,
    }),
  );
  const home = regions.find(({ code }) => code === HOME)!;
  for (const region of regions) {
    if (region !== home) region.redis.replicaOf = { host: "127.0.0.1", port: home.ports.redis };
  }
  return {
    version: 1,
    createdAt: new Date(now).toISOString(),
    ports: { control: next(), front: next(), resolver: next(), route53: next() },
    tokens: { control: secret(), kubernetes: secret() },
    // Not in the form of a real key, so that no scanner takes it for a leaked one.
    aws: { accessKeyId: "LABACCESSKEY", secretAccessKey: secret() },
    regions,
    zones: [{ id: HOSTED_ZONE_ID, name: ZONE_NAME, records: initialRecords() }],
    apiFaults: {},
    eras: [{ region: HOME, since: now }],
    trafficStarts: 0,
  };
}

export function secret(): string {
  return randomBytes(24).toString("base64url");
}
