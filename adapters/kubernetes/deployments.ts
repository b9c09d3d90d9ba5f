import type { V1Deployment } from "@kubernetes/client-node";
import type { Configuration } from "@kubernetes/client-node/dist/gen/configuration.js";
import type { RequestContext, ResponseContext } from "@kubernetes/client-node/dist/gen/http/http.js";
import type { Client } from "./client.ts";

export interface Place {
  namespace: string;
  name: string;
}

/** What is asked of one cluster's API about deployments. Throws what the client throws. */
export interface Deployments {
  read(place: Place): Promise<V1Deployment>;
  /** A merge patch of the deployment's scale. */
  patchScale(place: Place, patch: object): Promise<void>;
}

const FIELD_MANAGER = "muster";

/** The client writes the requests and reads the answers; `signal` ends what is under way. */
export function createDeployments(client: Client, configuration: Configuration, signal: AbortSignal): Deployments {
  const requests = new client.AppsV1ApiRequestFactory(configuration);
  const answers = new client.AppsV1ApiResponseProcessor();

  async function send<T>(made: Promise<RequestContext>, read: (response: ResponseContext) => Promise<T>): Promise<T> {
    let request = await made;
    for (const { pre } of configuration.middleware) request = await pre(request).toPromise();
    request.setSignal(signal);
    try {
      return await read(await configuration.httpApi.send(request).toPromise());
    } finally {
      // The client makes a connection pool for each https request and never closes it.
      request
        .getDispatcher()
        ?.close()
        .catch(() => {});
    }
  }

  return {
    async read({ namespace, name }) {
      const request = requests.readNamespacedDeployment(name, namespace);
      return (await send(request, (response) => answers.readNamespacedDeploymentWithHttpInfo(response))).data;
    },
    async patchScale({ namespace, name }, patch) {
      const request = requests
        .patchNamespacedDeploymentScale(name, namespace, patch, undefined, undefined, FIELD_MANAGER)
        .then(asMergePatch);
      await send(request, (response) => answers.patchNamespacedDeploymentScaleWithHttpInfo(response));
    },
  };
}

/** The client's default is a JSON patch; a merge patch carries the precondition in its metadata. */
function asMergePatch(request: RequestContext): RequestContext {
  request.setHeaderParam("Content-Type", "application/merge-patch+json");
  return request;
}
