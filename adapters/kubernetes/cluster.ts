import { stat } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type { Configuration } from "@kubernetes/client-node/dist/gen/configuration.js";
import { AppError } from "../../src/errors.ts";
import { deadline, type Limits, untilAborted } from "../looking.ts";
import { loadClient } from "./client.ts";
import { createDeployments, type Deployments } from "./deployments.ts";
import { mapKubernetesError } from "./errors.ts";

/** Speaks to the clusters that a kubeconfig names, one context each. */
export interface Clusters {
  /** Throws AppError, already told in words. `resource` is what the request is about, for those words. */
  request<T>(
    cluster: string,
    resource: string,
    limits: Limits,
    send: (deployments: Deployments) => Promise<T>,
  ): Promise<T>;
}

export function createClusters({ kubeconfigPath }: { kubeconfigPath?: string }): Clusters {
  let loaded: { changedAt: number; configurations: Map<string, Configuration>; config: KubeConfig } | undefined;

  async function configurationOf(cluster: string): Promise<Configuration> {
    const changedAt = kubeconfigPath === undefined ? 0 : await modifiedAt(kubeconfigPath);
    // Tokens are rotated by rewriting the file, so a changed one is read again.
    if (loaded?.changedAt !== changedAt)
      loaded = { changedAt, configurations: new Map(), config: await load(kubeconfigPath) };
    const known = loaded.configurations.get(cluster);
    if (known) return known;
    const configuration = await configure(loaded.config, cluster);
    loaded.configurations.set(cluster, configuration);
    return configuration;
  }

  return {
    async request(cluster, resource, limits, send) {
      // Loading the client is no part of the time that a request may take.
      const [client, configuration] = [await loadClient(), await configurationOf(cluster)];
      const signal = deadline(limits);
      try {
        return await untilAborted(send(createDeployments(client, configuration, signal)), signal);
      } catch (error) {
        throw mapKubernetesError(error, cluster, resource);
      }
    },
  };
}

async function load(path: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await loadClient();
  const config = new KubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (cause) {
    throw unreadable(path ?? "the default kubeconfig", cause);
  }
  return config;
}

/** What the client needs to speak to one cluster: its address, and who signs each request. */
async function configure(config: KubeConfig, cluster: string): Promise<Configuration> {
  const { KubeConfig } = await loadClient();
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
  return own.makeApiClient(Configured).configuration;
}

/** The configuration is given to an API's class only. */
class Configured {
  readonly configuration: Configuration;
  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }
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
