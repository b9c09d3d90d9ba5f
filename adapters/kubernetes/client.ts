import { registerHooks } from "node:module";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type {
  AppsV1ApiRequestFactory,
  AppsV1ApiResponseProcessor,
} from "@kubernetes/client-node/dist/gen/apis/AppsV1Api.js";

/** What is used of Kubernetes's client. */
export interface Client {
  KubeConfig: typeof KubeConfig;
  AppsV1ApiRequestFactory: typeof AppsV1ApiRequestFactory;
  AppsV1ApiResponseProcessor: typeof AppsV1ApiResponseProcessor;
}

let loading: Promise<Client> | undefined;

/**
 * Loads the client, once, without the APIs that nobody asks for. Its configuration needs two small files of its
 * generated part and takes them from an index that loads all of it: 22 MB of sources, which stay in memory. Where that
 * index is asked for, `generated.ts` is given instead. A client that is built differently is loaded as it is.
 */
export function loadClient(): Promise<Client> {
  loading ??= load().catch((error) => {
    // Whatever kept it from being read, such as too many open files, may be over the next time.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Client> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "./gen/index.js" && context.parentURL?.includes("/@kubernetes/client-node/dist/")
        ? next(new URL("generated.ts", import.meta.url).href, context)
        : next(specifier, context),
  });
  try {
    const [config, api] = await Promise.all([
      import("@kubernetes/client-node/dist/config.js"),
      import("@kubernetes/client-node/dist/gen/apis/AppsV1Api.js"),
    ]);
    return { ...config, ...api };
  } finally {
    hooks.deregister();
  }
}
