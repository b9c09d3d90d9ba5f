import type { ModelEndpoint } from "../../src/assistant/endpoints.ts";
import { secretVariable } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import { type CredentialOptions, openCredential, signInFailure } from "../azure/credential.ts";
import type { Failure } from "./errors.ts";

/** What a request to an endpoint carries. */
export type Access = { key: string } | { token: string };
/** Asked before each request: tokens run out. The vendor's client keeps one as long as it holds. Never throws. */
export type OpenAccess = (signal: AbortSignal) => Promise<Access | Failure>;

const SCOPE = "https://cognitiveservices.azure.com/.default";

/** By key, or by signing in to Entra ID. Throws AppError `config-invalid` for a secret that is not there. */
export function openAccess(endpoint: ModelEndpoint, options: CredentialOptions): OpenAccess {
  const { name, keyFrom, signIn } = endpoint;
  if (!signIn) {
    const key = keyOf(name, keyFrom ?? "", options);
    return async () => ({ key });
  }
  const credential = openCredential(signIn, options);
  return async (signal) => {
    try {
      const granted = await credential.getToken(SCOPE, { abortSignal: signal });
      if (!granted) throw new Error("no token was granted");
      return { token: granted.token };
    } catch (error) {
      return notSignedIn(name, error, signal);
    }
  };
}

function keyOf(name: string, keyFrom: string, { secret }: CredentialOptions): string {
  const key = secret(keyFrom);
  if (key !== undefined) return key;
  throw new AppError({
    code: "config-invalid",
    summary: `The endpoint ${name} of the models file has no key.`,
    hint: `Set the secret that keyFrom names: ${secretVariable(keyFrom)}.`,
  });
}

function notSignedIn(name: string, cause: unknown, signal: AbortSignal): Failure {
  // Whom Entra ID refuses it will refuse again; that it does not answer says nothing of the endpoint.
  const broken = !signal.aborted && signInFailure(cause) === "refused";
  const error = new AppError({
    code: broken ? "vendor-rejected" : "vendor-unavailable",
    summary: `Muster could not sign in to Entra ID for the model at ${name}.`,
    hint: "Check signIn of the endpoint in the models file, and its secret; `muster doctor` asks again.",
    retryable: !broken,
    cause,
  });
  return { error, next: "elsewhere", ...(broken && { broken }) };
}
