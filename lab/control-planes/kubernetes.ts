import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fault, readBody, send } from "./http.ts";
import {
  type Deployment,
  deploymentObject,
  discovery,
  type JsonObject,
  StatusError,
  scaleObject,
  tableObject,
} from "./kubernetes-objects.ts";
import { applyPatch, badRequest, isObject } from "./kubernetes-patch.ts";

export interface KubernetesApiOptions {
  /** The bearer token that every request must carry. */
  token: string;
  deployments: Deployment[];
  /** The controller has seen a changed spec.replicas: start or stop pods, then call `setStatus`. */
  onScale(namespace: string, name: string, replicas: number): void;
  /** Something that `snapshot` shows has changed. */
  onChange(): void;
}

export interface KubernetesApi {
  handler: (req: IncomingMessage, res: ServerResponse) => void;
  setStatus(namespace: string, name: string, readyReplicas: number): void;
  snapshot(): Deployment[];
  setFault(mode: Fault): void;
  /** The deployment controller acts on nothing until what this gives is called; the API goes on serving. */
  stopController(): () => void;
}

/** The deployment controller acts a moment after the API took a change, never in the same request. */
const CONTROLLER_DELAY_MS = 20;

/**
 * Deployments and their scale, as the Kubernetes API serves them to its own clients and to `kubectl`: reading,
 * lists, PUT and PATCH under optimistic locking, Status objects for whatever is refused. No watch, no creation.
 */
export function createKubernetesApi(options: KubernetesApiOptions): KubernetesApi {
  const deployments = new Map(options.deployments.map((one) => [`${one.namespace}/${one.name}`, { ...one }]));
  let latestVersion = Math.max(1, ...options.deployments.map((one) => one.resourceVersion));
  let fault: Fault;
  let controllerStopped = false;

  function changed(deployment: Deployment): void {
    latestVersion += 1;
    deployment.resourceVersion = latestVersion;
    options.onChange();
  }

  function reconcile(deployment: Deployment): void {
    if (controllerStopped) return;
    if ((deployment.observedGeneration ?? deployment.generation) >= deployment.generation) return;
    deployment.observedGeneration = deployment.generation;
    deployment.updatedReplicas = deployment.replicas;
    deployment.unavailableReplicas = Math.max(0, deployment.replicas - deployment.readyReplicas);
    changed(deployment);
    options.onScale(deployment.namespace, deployment.name, deployment.replicas);
  }

  function scale(deployment: Deployment, replicas: number): void {
    // A write that changes nothing keeps generation and resourceVersion, as the real API does.
    if (replicas === deployment.replicas) return;
    deployment.observedGeneration ??= deployment.generation;
    deployment.replicas = replicas;
    deployment.generation += 1;
    changed(deployment);
    reconcileSoon(deployment);
  }

  const reconcileSoon = (deployment: Deployment) =>
    setTimeout(() => reconcile(deployment), CONTROLLER_DELAY_MS).unref();
  const reconcileAllSoon = () => deployments.forEach(reconcileSoon);

  // What a stopped world had not acted on yet is acted on when it starts again.
  reconcileAllSoon();

  function find(namespace: string, name: string): Deployment {
    const deployment = deployments.get(`${namespace}/${name}`);
    if (deployment === undefined) throw notFound(`deployments.apps "${name}" not found`, name);
    return deployment;
  }

  async function answer(req: IncomingMessage): Promise<JsonObject> {
    if (req.headers.authorization !== `Bearer ${options.token}`)
      throw new StatusError(401, "Unauthorized", "Unauthorized");
    const url = new URL(req.url ?? "/", "http://cluster");
    const path = url.pathname.replace(/\/$/, "");
    if (req.method === "GET" && discovery[path]) return discovery[path];
    const match = PATH.exec(path);
    if (!match) throw notFound("the server could not find the requested resource");
    const [, namespace, name, subresource] = match;
    if (url.searchParams.get("watch")) throw badRequest("this API does not serve watches");
    if (name === undefined) {
      if (req.method !== "GET") throw notAllowed();
      const listed = [...deployments.values()].filter((one) => namespace === undefined || one.namespace === namespace);
      return wantsTable(req) ? tableObject(listed, latestVersion) : listObject(listed, latestVersion);
    }
    const deployment = find(namespace ?? "", name);
    const render = subresource === "scale" ? scaleObject : deploymentObject;
    if (req.method === "PUT" || req.method === "PATCH") {
      const replicas = await readReplicas(req, deployment, render);
      if (url.searchParams.get("dryRun") === "All") return render({ ...deployment, replicas });
      scale(deployment, replicas);
    } else if (req.method !== "GET") throw notAllowed();
    return wantsTable(req) ? tableObject([deployment], latestVersion) : render(deployment);
  }

  function handler(req: IncomingMessage, res: ServerResponse): void {
    if (fault === "hang") return;
    if (fault === "throttle") res.setHeader("Retry-After", "1");
    (fault ? refuse(fault) : answer(req)).then(
      (body) => send(res, 200, "application/json", JSON.stringify(body)),
      (error) => sendStatus(res, error),
    );
  }

  return {
    handler,
    setStatus(namespace, name, readyReplicas) {
      const deployment = deployments.get(`${namespace}/${name}`);
      if (deployment === undefined || deployment.readyReplicas === readyReplicas) return;
      deployment.readyReplicas = readyReplicas;
      deployment.unavailableReplicas = Math.max(0, deployment.updatedReplicas - readyReplicas);
      changed(deployment);
    },
    snapshot: () => [...deployments.values()].map((deployment) => ({ ...deployment })),
    setFault(mode) {
      fault = mode;
    },
    stopController() {
      controllerStopped = true;
      return () => {
        controllerStopped = false;
        reconcileAllSoon();
      };
    },
  };
}

async function refuse(fault: Fault): Promise<never> {
  if (fault === "unavailable") throw new StatusError(503, "ServiceUnavailable", "apiserver not ready");
  const message = "Too many requests, please try again later.";
  throw new StatusError(429, "TooManyRequests", message, { retryAfterSeconds: 1 });
}

const PATH = /^\/apis\/apps\/v1(?:\/namespaces\/([^/]+))?\/deployments(?:\/([^/]+)(?:\/(scale))?)?$/;

const wantsTable = (req: IncomingMessage): boolean => req.headers.accept?.includes("as=Table") ?? false;

function listObject(deployments: Deployment[], resourceVersion: number): JsonObject {
  const items = deployments.map(deploymentObject);
  return { kind: "DeploymentList", apiVersion: "apps/v1", metadata: { resourceVersion: `${resourceVersion}` }, items };
}

/** What a PUT or PATCH makes of spec.replicas. The precondition is looked at after the body arrived, like there. */
async function readReplicas(
  req: IncomingMessage,
  deployment: Deployment,
  render: (deployment: Deployment) => JsonObject,
): Promise<number> {
  const text = await readBody(req);
  if (text === undefined) throw new StatusError(413, "RequestEntityTooLarge", "the request is too large");
  const body = parseJson(text);
  const current = render(deployment);
  const wanted = req.method === "PUT" ? body : applyPatch(current, req.headers["content-type"] ?? "", body);
  if (!isObject(wanted) || !isObject(wanted.metadata)) throw badRequest("the object has no metadata");
  if (wanted.metadata.name !== deployment.name)
    throw badRequest(
      `the name of the object (${String(wanted.metadata.name)}) does not match the name on the URL (${deployment.name})`,
    );
  const version = wanted.metadata.resourceVersion;
  if (version !== undefined && version !== "" && version !== `${deployment.resourceVersion}`)
    throw conflict(deployment.name);
  const spec = isObject(wanted.spec) ? wanted.spec : {};
  // Absent means zero in a Scale, and the default of one in a Deployment.
  return checkReplicas(spec.replicas ?? (wanted.kind === "Scale" ? 0 : 1), deployment.name);
}

function checkReplicas(replicas: unknown, name: string): number {
  if (typeof replicas !== "number" || !Number.isInteger(replicas))
    throw badRequest("json: cannot unmarshal spec.replicas into Go struct field of type int32");
  if (replicas < 0) {
    const field = `spec.replicas: Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw new StatusError(422, "Invalid", `Deployment.apps "${name}" is invalid: ${field}`, {
      name,
      group: "apps",
      kind: "Deployment",
      causes: [{ reason: "FieldValueInvalid", message: field, field: "spec.replicas" }],
    });
  }
  return replicas;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("the object provided is unrecognized (must be of type Deployment or Scale): not JSON");
  }
}

function sendStatus(res: ServerResponse, error: unknown): void {
  const status = error instanceof StatusError ? error : new StatusError(500, "InternalError", String(error));
  send(res, status.httpStatus, "application/json", JSON.stringify(status.status));
}

const notFound = (message: string, name?: string) =>
  new StatusError(404, "NotFound", message, name === undefined ? {} : { name, group: "apps", kind: "deployments" });

const notAllowed = () =>
  new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

const conflict = (name: string) =>
  new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on deployments.apps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { name, group: "apps", kind: "deployments" },
  );
