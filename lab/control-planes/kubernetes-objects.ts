/** How deployments and the answers about them look on the wire (Kubernetes API v1.32, group apps/v1). */

export interface Deployment {
  namespace: string;
  name: string;
  replicas: number;
  generation: number;
  resourceVersion: number;
  readyReplicas: number;
  updatedReplicas: number;
  unavailableReplicas: number;
  /** Behind `generation` until the controller has acted on the spec; absent means that it has. */
  observedGeneration?: number;
}

export type JsonObject = Record<string, unknown>;

const CREATED_AT = "2025-01-01T00:00:00Z";

function metadata(deployment: Deployment): JsonObject {
  const { namespace, name, resourceVersion } = deployment;
  return {
    name,
    namespace,
    uid: `${namespace}-${name}`,
    resourceVersion: `${resourceVersion}`,
    creationTimestamp: CREATED_AT,
  };
}

export function deploymentObject(deployment: Deployment): JsonObject {
  const labels = { app: deployment.name };
  const { readyReplicas, updatedReplicas, unavailableReplicas, generation } = deployment;
  const available = unavailableReplicas === 0;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata(deployment), generation, labels },
    spec: {
      replicas: deployment.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: deployment.name, image: `lab/${deployment.name}` }] },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
    },
    status: {
      observedGeneration: deployment.observedGeneration ?? generation,
      // Like the real API, counts of zero are left out.
      ...(updatedReplicas > 0 && { replicas: updatedReplicas, updatedReplicas }),
      ...(readyReplicas > 0 && { readyReplicas, availableReplicas: readyReplicas }),
      ...(unavailableReplicas > 0 && { unavailableReplicas }),
      conditions: [
        {
          type: "Available",
          status: available ? "True" : "False",
          reason: available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
          lastUpdateTime: CREATED_AT,
          lastTransitionTime: CREATED_AT,
        },
      ],
    },
  };
}

export function scaleObject(deployment: Deployment): JsonObject {
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: metadata(deployment),
    spec: deployment.replicas === 0 ? {} : { replicas: deployment.replicas },
    status: { replicas: deployment.updatedReplicas, selector: `app=${deployment.name}` },
  };
}

/** The form in which `kubectl get` asks for lists, so that its columns are the usual ones. */
export function tableObject(deployments: Deployment[], resourceVersion: number): JsonObject {
  const columns = ["Name", "Ready", "Up-to-date", "Available", "Age"];
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: { resourceVersion: `${resourceVersion}` },
    columnDefinitions: columns.map((name) => ({
      name,
      type: "string",
      format: name === "Name" ? "name" : "",
      priority: 0,
    })),
    rows: deployments.map((deployment) => ({
      cells: [
        deployment.name,
        `${deployment.readyReplicas}/${deployment.replicas}`,
        deployment.updatedReplicas,
        deployment.readyReplicas,
        "lab",
      ],
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: metadata(deployment) },
    })),
  };
}

/** What goes wrong is told as a Status object; `reason` is what programs match. */
export class StatusError extends Error {
  readonly status: JsonObject;
  readonly httpStatus: number;

  constructor(code: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.httpStatus = code;
    this.status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code };
  }
}

const verbs = ["get", "list", "patch", "update"];

/** What `kubectl` reads before its first request to learn which kinds there are. */
export const discovery: Record<string, JsonObject> = {
  "/version": { major: "1", minor: "32", gitVersion: "v1.32.0", platform: "linux/amd64" },
  "/api": { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] },
  "/apis": {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: [
      {
        name: "apps",
        versions: [{ groupVersion: "apps/v1", version: "v1" }],
        preferredVersion: { groupVersion: "apps/v1", version: "v1" },
      },
    ],
  },
  "/api/v1": {
    kind: "APIResourceList",
    groupVersion: "v1",
    resources: [
      { name: "namespaces", singularName: "namespace", namespaced: false, kind: "Namespace", verbs: ["list"] },
    ],
  },
  "/apis/apps/v1": {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: "apps/v1",
    resources: [
      {
        name: "deployments",
        singularName: "deployment",
        namespaced: true,
        kind: "Deployment",
        shortNames: ["deploy"],
        verbs,
      },
      {
        name: "deployments/scale",
        singularName: "",
        namespaced: true,
        group: "autoscaling",
        version: "v1",
        kind: "Scale",
        verbs: ["get", "patch", "update"],
      },
    ],
  },
};
