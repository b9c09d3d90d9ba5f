import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createChangeRecord } from "../../adapters/aws/change-record.ts";
import { createRoute53Client, type Route53 } from "../../adapters/aws/route53.ts";
import { createShiftWeights } from "../../adapters/aws/shift-weights.ts";
import { createClusters } from "../../adapters/kubernetes/cluster.ts";
import { createScaleDeployment } from "../../adapters/kubernetes/scale-deployment.ts";
import { createKubernetesApi, type KubernetesApi } from "../../lab/control-planes/kubernetes.ts";
import type { RunState } from "../../src/state.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { primary, type Route53Server, startRoute53, weighted, ZONE } from "../helpers/route53.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

/** The real executor and the vendors' own SDKs, over HTTP, against control planes that refuse what the vendors do. */
let muster: TestMuster;
let route53: Route53Server;
let client: Route53;
let kubernetes: KubernetesApi;
let server: Server;
let directory: string;

const shift = (home: number, away: number) => ({
  hostedZoneId: ZONE,
  name: "api.genai-api.example",
  type: "CNAME",
  ttl: 60_000,
  records: [
    { setIdentifier: "us-east-1", value: "edge.us-east-1.genai-api.example", weight: home },
    { setIdentifier: "eu-central", value: "edge.eu-central.genai-api.example", weight: away },
  ],
});
const repoint = {
  hostedZoneId: ZONE,
  name: "primary.genai-api.example",
  type: "CNAME",
  ttl: 60_000,
  value: "edge.eu-central.genai-api.example",
};
const scale = { cluster: "eu-central", namespace: "genai", deployment: "api", replicas: 10, readyAt: 8 };

const steps = [
  makeStep("scale", { uses: "kubernetes.scale-deployment", with: scale }),
  makeStep("half", { uses: "aws.route53-shift-weights", with: shift(50, 50), needs: ["scale"] }),
  makeStep("all", { uses: "aws.route53-shift-weights", with: shift(0, 100), needs: ["half"] }),
  makeStep("repoint", { uses: "aws.route53-change-record", with: repoint, needs: ["all"] }),
  makeStep("stuck", { uses: "test.fence", needs: ["repoint"] }),
];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "muster-rollback-"));
  kubernetes = createKubernetesApi({
    token: "token",
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
    onScale: (namespace, name, replicas) => setTimeout(() => kubernetes.setStatus(namespace, name, replicas), 20),
    onChange: () => {},
  });
  server = createServer((request, response) => kubernetes.handler(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const kubeconfigPath = join(directory, "kubeconfig");
  writeFileSync(kubeconfigPath, JSON.stringify(kubeconfig((server.address() as AddressInfo).port)));
  route53 = await startRoute53({ propagationMs: 50 });
  client = createRoute53Client({ requestTimeoutMs: 5_000 });
  const board = createSwitchboard();
  board.hidden.add("stuck");
  const own = [
    createScaleDeployment(createClusters({ kubeconfigPath })),
    createShiftWeights(client),
    createChangeRecord(client),
  ];
  const actions = new Map([...board.registry.actions, ...own.map((action) => [action.id, action] as const)]);
  board.registry = { ...board.registry, actions };
  const plan = makePlan({ failover: { steps } });
  plan.runbooks.failover!.policy.approval = "automatic";
  muster = startMuster(plan, board, directory, { requestTimeoutMs: 5_000 });
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
});

afterEach(async () => {
  await muster.stop();
  client.close();
  await route53.stop();
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true, force: true });
});

function kubeconfig(port: number): object {
  const address = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: address }],
    users: [{ name: "muster", user: { token: "token" } }],
    contexts: [{ name: "eu-central", context: { cluster: "cluster", user: "muster" } }],
    "current-context": "eu-central",
  };
}

const until = async (id: string, what: (run: RunState) => boolean): Promise<RunState> =>
  (await muster.until(({ runs }) => runs[id] !== undefined && what(runs[id]), 15_000)).runs[id] as RunState;

async function aborted(): Promise<string> {
  const { run } = await muster.core.runs.propose("failover", { target: "west" }, operator);
  await until(run.runId, ({ steps: all }) => all[4]?.phase === "failed");
  await muster.core.runs.abort(run.runId, "enough", operator);
  return run.runId;
}

const weights = () =>
  Object.fromEntries(
    route53.records().flatMap(({ setIdentifier, weight }) => (setIdentifier ? [[setIdentifier, weight]] : [])),
  );
const answers = () => route53.records().find(({ setIdentifier }) => setIdentifier === undefined)?.values;
const replicas = () => kubernetes.snapshot()[0]?.replicas;

describe("a rollback against the control planes", () => {
  it("puts back weights in stages, the record and the scale", async () => {
    const id = await aborted();
    expect([weights(), answers(), replicas()]).toEqual([{ "us-east-1": 0, "eu-central": 100 }, [repoint.value], 10]);
    const { run } = await muster.core.runs.rollback(id, "false alarm", operator);
    const done = await until(run.runId, ({ phase }) => phase === "completed");
    expect(done.steps.map(({ stepId }) => stepId)).toEqual(["undo-repoint", "undo-all", "undo-half", "undo-scale"]);
    expect(done.steps.map(({ phase, alreadySo }) => [phase, alreadySo])).toEqual(Array(4).fill(["verified", false]));
    expect(weights()).toEqual({ "us-east-1": 100, "eu-central": 0 });
    expect([answers(), replicas()]).toEqual([primary("us-east-1").values, 2]);
  });

  it("leaves alone weights that somebody else changed while it went on", async () => {
    const id = await aborted();
    const { run } = await muster.core.runs.rollback(id, "false alarm", operator);
    await until(run.runId, ({ steps: [first] }) => first?.intended !== undefined);
    const answer = await route53.change("UPSERT", weighted("us-east-1", 7));
    expect(answer.status).toBe(200);
    const halted = await until(run.runId, ({ phase }) => phase === "halted");
    const failed = halted.steps.find(({ phase }) => phase === "failed");
    expect(failed?.error?.summary).toMatch(/omebody else changed/);
    expect(weights()).toMatchObject({ "us-east-1": 7 });
    expect(replicas()).toBe(10);
  });
});
