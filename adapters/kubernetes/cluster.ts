import { stat } from "node:fs/promises";
import type { AppsV1Api, KubeConfig, ObservableMiddleware, RequestContext } from "@kubernetes/client-node";
import { AppError } from "../../src/errors.ts";
import { deadline, type Limits, untilAborted } from "../looking.ts";
import { mapKubernetesError } from "./errors.ts";

/** One request's options: its end, and the form in which a patch is written. */
export interface RequestOptions {
  middleware: ObservableMiddleware[];
  middlewareMergeStrategy: "append";
}

/** Speaks to the clusters that a kubeconfig names, one context each. */
export interface Clusters {
  /** Throws AppError, already told in words. `resource` is what the request is about, for those words. */
  request<T>(
    cluster: string,
    resource: string,
    limits: Limits,
    send: (api: AppsV1Api, options: RequestOptions) => Promise<T>,
  ): Promise<T>;
}

export function createClusters({ kubeconfigPath }: { kubeconfigPath?: string }): Clusters {
  let loaded: { changedAt: number; apis: Map<string, AppsV1Api>; config: KubeConfig } | undefined;

  async function apiOf(cluster: string): Promise<AppsV1Api> {
    const changedAt = kubeconfigPath === undefined ? 0 : await modifiedAt(kubeconfigPath);
    // Tokens are rotated by rewriting the file, so a changed one is read again.
    if (loaded?.changedAt !== changedAt) loaded = { changedAt, apis: new Map(), config: await load(kubeconfigPath) };
    const known = loaded.apis.get(cluster);
    if (known) return known;
    const api = await createApi(loaded.config, cluster);
    loaded.apis.set(cluster, api);
    return api;
  }

  return {
    async request(cluster, resource, limits, send) {
      // Loading the client is no part of the time that a request may take.
      const api = await apiOf(cluster);
      const signal = deadline(limits);
      const requests: RequestContext[] = [];
      try {
        const options = { middleware: [await bound(signal, requests)], middlewareMergeStrategy: "append" as const };
        return await untilAborted(send(api, options), signal);
      } catch (error) {
        throw mapKubernetesError(error, cluster, resource);
      } finally {
        // The client makes a connection pool for each https request and never closes it.
        for (const request of requests)
          request
            .getDispatcher()
            ?.close()
            .catch(() => {});
      }
    },
  };
}

async function load(path: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (cause) {
    throw unreadable(path ?? "the default kubeconfig", cause);
  }
  return config;
}

async function createApi(config: KubeConfig, cluster: string): Promise<AppsV1Api> {
  const { AppsV1Api, KubeConfig } = await import("@kubernetes/client-node");
  if (!config.getContexts().some(({ name }) => name === cluster)) {
    const names = config.getContexts().map(({ name }) => name);
    throw new AppError({
      code: "config-invalid",
      summary: `The kubeconfig has no context named ${cluster}.`,
      hint: `It has ${names.join(", ") || "none"}. Add a context with that name, or correct the step's cluster.`,
    });
  }
  // A configuration has one current context, so each cluster gets its own.
  const own = new KubeConfig();
  own.loadFromOptions({
    clusters: config.clusters,
    users: config.users,
    contexts: config.contexts,
    currentContext: cluster,
  });
  return own.makeApiClient(AppsV1Api);
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): AppError {
  return new AppError({
    code: "config-invalid",
    summary: `The kubeconfig ${path} cannot be read.`,
    hint: "Point KUBECONFIG at a file with one context per cluster that the plan names.",
    cause,
  });
}

/** The client's default patch is a JSON patch; a merge patch carries the precondition in its metadata. */
async function bound(signal: AbortSignal, requests: RequestContext[]): Promise<ObservableMiddleware> {
  const { Observable } = await import("@kubernetes/client-node");
  return {
    pre(request) {
      request.setSignal(signal);
      if (request.getHttpMethod() === "PATCH") request.setHeaderParam("Content-Type", "application/merge-patch+json");
      requests.push(request);
      return new Observable(Promise.resolve(request));
    },
    post: (response) => new Observable(Promise.resolve(response)),
  };
}
