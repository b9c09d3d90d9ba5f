import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangeResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { parse } from "yaml";
import { attachLab, isAlive, type LabClient, startLab } from "../../lab/client.ts";
import { createRespClient } from "../../lab/resp/client.ts";
import type { RespValue } from "../../lab/resp/parse.ts";
import { labPaths } from "../../lab/world/files.ts";
import type { LabState, RegionView } from "../../lab/world/view.ts";
import { eventually } from "./eventually.ts";

/** A whole world on a temporary directory, and what an operator's hands would do to it. */
export interface TryWorld {
  data: string;
  lab: LabClient;
  region(code: string): Promise<RegionView>;
  /** One command to a region's Redis, through its gate. */
  redis(code: string, ...command: (string | number)[]): Promise<RespValue>;
  /** Scales the API through the region's Kubernetes API. Resolves with the HTTP status. */
  scale(code: string, replicas: number): Promise<number>;
  /** Moves the weights of the public name through the Route 53 API. */
  weights(weights: Record<string, number>): Promise<void>;
  /** A request to the public name or an edge: its status, or what went wrong. */
  ask(base: "public" | string, path: string, timeoutMs?: number): Promise<{ status: number | string; body: unknown }>;
  /** Stops the world, if it runs, and goes on with it. */
  again(): Promise<void>;
  end(): Promise<void>;
}

export async function tryWorld(env: Record<string, string> = {}): Promise<TryWorld> {
  const data = mkdtempSync(join(tmpdir(), "muster-lab-"));
  const start = async () => (await startLab(data, { env: { ...process.env, ...env } })).lab;
  const world: TryWorld = {
    data,
    lab: await start(),
    region: async (code) => regionOf(await world.lab.state(), code),
    async redis(code, ...command) {
      const { addresses } = await world.region(code);
      const client = createRespClient({ port: Number(new URL(addresses.redis).port), timeoutMs: 1000 });
      try {
        return await client.command(...command);
      } finally {
        client.close();
      }
    },
    async scale(code, replicas) {
      const kubeconfig = parse(readFileSync(labPaths(data).kubeconfig, "utf8"));
      const { cluster } = kubeconfig.clusters.find(({ name }: { name: string }) => name === code);
      const response = await fetch(`${cluster.server}/apis/apps/v1/namespaces/genai/deployments/api/scale`, {
        method: "PATCH",
        headers: {
          authorization: `Bearer ${kubeconfig.users[0].user.token}`,
          "content-type": "application/merge-patch+json",
        },
        body: JSON.stringify({ spec: { replicas } }),
        signal: AbortSignal.timeout(2000),
      });
      return response.status;
    },
    weights: (weights) => changeWeights(data, weights),
    async ask(base, path, timeoutMs = 1000) {
      const { addresses, regions } = await world.lab.state();
      const url = base === "public" ? addresses.front! : regions.find(({ code }) => code === base)!.addresses.edge;
      try {
        const response = await fetch(url + path, { signal: AbortSignal.timeout(timeoutMs) });
        return { status: response.status, body: await response.json() };
      } catch (error) {
        return {
          status: (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name,
          body: undefined,
        };
      }
    },
    async again() {
      await (await attachLab(data))?.stop();
      world.lab = await start();
    },
    async end() {
      await (await attachLab(data))?.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return world;
}

export function regionOf(state: LabState, code: string): RegionView {
  return state.regions.find((region) => region.code === code)!;
}

export const readyPods = (region: RegionView): number => region.pods.filter(({ ready }) => ready).length;

/** Everything runs: pods as wanted, replication up, writes acknowledged. */
export async function calm(
  world: TryWorld,
  pods: Record<string, number> = { "us-east-1": 10, "eu-central": 2 },
): Promise<void> {
  await eventually(async () => {
    const state = await world.lab.state();
    for (const [code, count] of Object.entries(pods)) {
      const ready = readyPods(regionOf(state, code));
      if (ready !== count) throw new Error(`${code} has ${ready} of ${count} pods.`);
    }
    const replicas = state.regions.filter(({ redis }) => redis.role === "replica");
    if (!replicas.some(({ redis }) => redis.linkUp)) throw new Error("Nothing replicates.");
    if (!(await world.lab.traffic()).last) throw new Error("Nothing was acknowledged yet.");
  }, 15_000);
}

/** Resolves when none of the processes is there any more. */
export function allGone(pids: number[], withinMs: number): Promise<void> {
  return eventually(() => {
    const left = pids.filter(isAlive);
    if (left.length > 0) throw new Error(`${left.length} of ${pids.length} processes are still there.`);
  }, withinMs);
}

async function changeWeights(data: string, weights: Record<string, number>): Promise<void> {
  const env = JSON.parse(readFileSync(labPaths(data).environment, "utf8"));
  const client = new Route53Client({
    endpoint: env.AWS_ENDPOINT_URL_ROUTE_53,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
    maxAttempts: 1,
  });
  await client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: "Z0GENAIAPI",
      ChangeBatch: {
        Changes: Object.entries(weights).map(([code, weight]) => ({
          Action: "UPSERT",
          ResourceRecordSet: {
            Name: "api.genai-api.example",
            Type: "CNAME",
            TTL: 2,
            SetIdentifier: code,
            Weight: weight,
            ResourceRecords: [{ Value: `edge.${code}.genai-api.example` }],
          },
        })),
      },
    }),
  );
  client.destroy();
}
