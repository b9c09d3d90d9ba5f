import type { RecoveryAction, Registry } from "../src/ports.ts";
import { createChangeRecord } from "./aws/change-record.ts";
import { createRoute53Client } from "./aws/route53.ts";
import { createShiftWeights } from "./aws/shift-weights.ts";
import { createWeights } from "./aws/weights.ts";
import { createExpectHealthy } from "./http/expect-healthy.ts";
import { createHealth } from "./http/health.ts";
import { createClusters } from "./kubernetes/cluster.ts";
import { createScaleDeployment } from "./kubernetes/scale-deployment.ts";
import { createCompare } from "./redis/compare.ts";
import { createRedisConnections } from "./redis/connections.ts";
import { createFencePrimary } from "./redis/fence-primary.ts";
import { createFollow } from "./redis/follow.ts";
import { createPing } from "./redis/ping.ts";
import { createPromoteReplica } from "./redis/promote-replica.ts";
import { createReplicationSource } from "./redis/replication.ts";
import { createSnapshot } from "./redis/snapshot.ts";
import { createBake } from "./wait/bake.ts";

export interface AdapterOptions {
  /** Absent: where the Kubernetes client looks by itself. */
  kubeconfigPath?: string | undefined;
  /** The value of a secret that a plan names, such as with `passwordFrom`. */
  secret(name: string): string | undefined;
  /** How long a client may take to connect where no request's own limit reaches. */
  requestTimeoutMs: number;
}

/** Everything that plans can use, by id. Vendor SDKs are loaded at their first use, so that starting is cheap. */
export function createAdapters({ kubeconfigPath, secret, requestTimeoutMs }: AdapterOptions): {
  registry: Registry;
  close(): Promise<void>;
} {
  const clusters = createClusters(kubeconfigPath === undefined ? {} : { kubeconfigPath });
  const route53 = createRoute53Client({ requestTimeoutMs });
  const redis = createRedisConnections({ secret });
  const actions: RecoveryAction[] = [
    createScaleDeployment(clusters),
    createShiftWeights(route53),
    createChangeRecord(route53),
    createFencePrimary(redis),
    createPromoteReplica(redis),
    createFollow(redis),
    createSnapshot(redis),
    createCompare(redis),
    createExpectHealthy(),
    createBake(),
  ];
  return {
    registry: {
      actions: byKey(actions, ({ id }) => id),
      probes: byKey([createHealth(), createPing(redis)], ({ id }) => id),
      replication: byKey([createReplicationSource(redis)], ({ kind }) => kind),
      traffic: byKey([createWeights(route53)], ({ id }) => id),
    },
    async close() {
      redis.close();
      route53.close();
    },
  };
}

function byKey<T>(items: T[], key: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [key(item), item]));
}
