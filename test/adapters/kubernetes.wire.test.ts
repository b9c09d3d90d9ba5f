import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClusters } from "../../adapters/kubernetes/cluster.ts";
import { createScaleDeployment } from "../../adapters/kubernetes/scale-deployment.ts";
import { createKubernetesApi, type KubernetesApi } from "../../lab/control-planes/kubernetes.ts";
import type { RecoveryAction } from "../../src/ports.ts";
import { actionContext, type RecoveryWorld, recoveryActionContract } from "../contracts/recovery-action.ts";

const TOKEN = "token-that-nobody-may-see";
const READY_AFTER_MS = 60;

interface KubernetesWorld extends RecoveryWorld {
  api: KubernetesApi;
  kubeconfig(token: string): void;
  /** Pods stay as they are from now on, whatever is asked. */
  keepPods(): void;
  /** Requests whose client still waits. */
  waiting(): number;
}

/** One cluster with one deployment of two pods, whose pods become ready a moment after they were asked for. */
async function createWorld(): Promise<KubernetesWorld> {
  const directory = mkdtempSync(join(tmpdir(), "muster-kubernetes-"));
  const kubeconfigPath = join(directory, "kubeconfig");
  let writes = 0;
  let waiting = 0;
  let podsKept = false;
  const api = createKubernetesApi({
    token: TOKEN,
    deployments: [
      {
        namespace: "genai",
        name: "api",
        replicas: 2,
        generation: 1,
        resourceVersion: 7,
        readyReplicas: 2,
        updatedReplicas: 2,
        unavailableReplicas: 0,
      },
    ],
    onScale: (...asked) => {
      if (!podsKept) setTimeout(() => api.setStatus(...asked), READY_AFTER_MS);
    },
    onChange: () => {},
  });
  const server = createServer((req, res) => {
    if (req.method !== "GET") writes += 1;
    waiting += 1;
    res.on("close", () => {
      waiting -= 1;
    });
    api.handler(req, res);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = (token: string) => writeFileSync(kubeconfigPath, JSON.stringify(configuration(url, token)));
  kubeconfig(TOKEN);
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  return {
    action: createScaleDeployment(createClusters({ kubeconfigPath })),
    input: { cluster: "eu-central", namespace: "genai", deployment: "api", replicas: 10, readyAt: 8 },
    state: async () => api.snapshot().map(({ replicas, generation }) => ({ replicas, generation })),
    writes: async () => writes,
    interfere: () => scaleBeside(url, 4),
    disconnect: stop,
    freeze: async () => api.setFault("hang"),
    dispose: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
    api,
    keepPods: () => {
      podsKept = true;
    },
    kubeconfig,
    waiting: () => waiting,
  };
}

function configuration(server: string, token: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "muster", user: { token } }],
    contexts: [{ name: "eu-central", context: { cluster: "cluster", user: "muster" } }],
    "current-context": "eu-central",
  };
}

/** Somebody else with a client of their own. */
async function scaleBeside(url: string, replicas: number): Promise<void> {
  const response = await fetch(`${url}/apis/apps/v1/namespaces/genai/deployments/api/scale`, {
    method: "PATCH",
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/merge-patch+json" },
    body: JSON.stringify({ spec: { replicas } }),
  });
  expect(response.status).toBe(200);
}

recoveryActionContract({
  name: "kubernetes.scale-deployment",
  reversible: true,
  create: createWorld,
  secrets: [TOKEN],
});

describe("kubernetes.scale-deployment", () => {
  let world: KubernetesWorld;
  let action: RecoveryAction;
  beforeEach(async () => {
    world = await createWorld();
    action = world.action;
  });
  afterEach(() => world.dispose());

  const input = (overrides: object = {}) => action.input.parse({ ...(world.input as object), ...overrides });

  it("is moving until enough pods are ready, counting only what the controller says about the latest spec", async () => {
    const wanted = input();
    const away = await action.assess(wanted, actionContext());
    if (away.state !== "away") throw new Error(away.state);
    world.keepPods();
    await action.apply!(wanted, away.seen, actionContext());
    expect(await action.assess(wanted, actionContext())).toMatchObject({ state: "moving" });
    world.api.setStatus("genai", "api", 7);
    await expect.poll(() => action.assess(wanted, actionContext())).toMatchObject({ seen: { observed: true } });
    world.api.setStatus("genai", "api", 7);
    expect(await action.assess(wanted, actionContext())).toMatchObject({ state: "moving", progress: "7 of 8 ready" });
    world.api.setStatus("genai", "api", 8);
    expect(await action.assess(wanted, actionContext())).toMatchObject({ state: "reached" });
  });

  it("does not count pods that were ready for an older spec", async () => {
    const shrink = input({ replicas: 1, readyAt: 1 });
    const away = await action.assess(shrink, actionContext());
    if (away.state !== "away") throw new Error(away.state);
    const startController = world.api.stopController();
    await action.apply!(shrink, away.seen, actionContext());
    expect(await action.assess(shrink, actionContext())).toMatchObject({
      state: "moving",
      seen: { replicas: 1, readyReplicas: 2 },
    });
    startController();
    await expect.poll(() => action.assess(shrink, actionContext())).toMatchObject({ state: "reached" });
  });

  it("gives up a request that hangs, and does not leave it waiting", async () => {
    world.api.setFault("hang");
    expect(await action.assess(input(), actionContext({ requestTimeoutMs: 100 }))).toMatchObject({ state: "unknown" });
    await expect.poll(() => world.waiting()).toBe(0);
  });

  it("does not take more replicas than wanted for the wanted state", async () => {
    expect(await action.assess(input({ replicas: 1, readyAt: 1 }), actionContext())).toMatchObject({ state: "away" });
  });

  it("is blocked, not unknown, when the deployment does not exist", async () => {
    const wanted = input({ deployment: "nope" });
    const assessment = await action.assess(wanted, actionContext());
    if (assessment.state !== "away") throw new Error(assessment.state);
    expect(action.blockers?.(assessment.seen, wanted)).toEqual(["there is no deployment genai/nope in eu-central"]);
    await expect(action.apply!(wanted, assessment.seen, actionContext())).rejects.toMatchObject({
      code: "vendor-rejected",
      retryable: false,
    });
  });

  it("is unknown with credentials that the cluster does not accept, and reads a renewed kubeconfig", async () => {
    world.kubeconfig("expired");
    expect(await action.assess(input(), actionContext())).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("401"),
    });
    world.kubeconfig(TOKEN);
    expect(await action.assess(input(), actionContext())).toMatchObject({ state: "away" });
  });

  it("names the contexts that there are when the cluster has none", async () => {
    const wanted = input({ cluster: "ap-sg" });
    expect(await action.assess(wanted, actionContext())).toMatchObject({
      state: "unknown",
      reason: "The kubeconfig has no context named ap-sg.",
    });
    const error = await action.apply!(wanted, { exists: true, resourceVersion: "1" }, actionContext()).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: "config-invalid", hint: expect.stringContaining("It has eu-central.") });
  });

  it("tells throttling apart from being away", async () => {
    const assessment = await action.assess(input(), actionContext());
    if (assessment.state !== "away") throw new Error(assessment.state);
    world.api.setFault("throttle");
    await expect(action.apply!(input(), assessment.seen, actionContext())).rejects.toMatchObject({
      code: "vendor-throttled",
      retryable: true,
    });
    world.api.setFault("unavailable");
    await expect(action.apply!(input(), assessment.seen, actionContext())).rejects.toMatchObject({
      code: "vendor-unavailable",
      retryable: true,
    });
  });

  it("refuses a readyAt that could never be reached", () => {
    expect(() => input({ replicas: 2, readyAt: 3 })).toThrow("readyAt");
  });
});
