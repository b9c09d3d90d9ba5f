import { AppError } from "../../src/errors.ts";
import { isNoAnswer } from "../looking.ts";

const LONGEST_MESSAGE = 300;

/** Every error of the Kubernetes client, told once. `resource` is "deployment genai/api in eu-central". */
export function mapKubernetesError(error: unknown, cluster: string, resource: string): AppError {
  if (error instanceof AppError) return error;
  const status = statusCode(error);
  if (status === undefined) return unreachable(error, cluster);
  const told = statusMessage(error);
  const byStatus: Record<number, () => AppError> = {
    401: () =>
      new AppError({
        code: "vendor-rejected",
        summary: `The Kubernetes API of ${cluster} does not accept our credentials (401).`,
        hint: `Renew the credentials of the context ${cluster} in the kubeconfig; nothing was changed.`,
        cause: error,
      }),
    403: () =>
      new AppError({
        code: "vendor-rejected",
        summary: `The Kubernetes API of ${cluster} forbids it: ${told}`,
        hint: "The account needs `get` on deployments and `get, patch` on deployments/scale.",
        cause: error,
      }),
    409: () =>
      new AppError({
        code: "vendor-conflict",
        summary: `Somebody else changed ${resource} since it was looked at; nothing was written.`,
        hint: "It is looked at again before the next attempt.",
        retryable: true,
        cause: error,
      }),
    429: () =>
      new AppError({
        code: "vendor-throttled",
        summary: `The Kubernetes API of ${cluster} asks us to slow down (429).`,
        hint: "The next attempt follows by itself.",
        retryable: true,
        cause: error,
      }),
  };
  const known = byStatus[status]?.();
  if (known) return known;
  if (status >= 500) return unavailable(cluster, `answers ${status}: ${told}`, error);
  return new AppError({
    code: "vendor-rejected",
    summary: `The Kubernetes API of ${cluster} refused ${resource} (${status}): ${told}`,
    hint: "Correct the step's inputs; trying again changes nothing.",
    cause: error,
  });
}

export function isNotFound(error: unknown): boolean {
  return statusCode(error) === 404;
}

function unreachable(error: unknown, cluster: string): AppError {
  if (isNoAnswer(error)) return unavailable(cluster, "did not answer in time", error);
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "no connection";
  return unavailable(cluster, `cannot be reached (${code})`, error);
}

function unavailable(cluster: string, what: string, cause: unknown): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `The Kubernetes API of ${cluster} ${what}.`,
    hint: `Try \`kubectl --context ${cluster} get --raw /readyz\` from where Muster runs.`,
    retryable: true,
    cause,
  });
}

function statusCode(error: unknown): number | undefined {
  // Other errors carry a code too, such as the one of an abort; only the API's answers have a body.
  if (typeof error !== "object" || error === null || !("code" in error) || !("body" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** The message of the Status object, which the client gives as text or already parsed. */
function statusMessage(error: unknown): string {
  const body = typeof error === "object" && error !== null && "body" in error ? error.body : undefined;
  const status = typeof body === "string" ? parse(body) : body;
  const message =
    typeof status === "object" && status !== null && "message" in status ? String(status.message) : "no reason given";
  return message.slice(0, LONGEST_MESSAGE);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
