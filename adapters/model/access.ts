import type { ModelEndpoint } from "../../src/assistant/endpoints.ts";
import { secretVariable } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import type { openCredential } from "../azure/credential.ts";
import { type CredentialOptions, secretOf } from "../azure/secret.ts";
import { untilAborted } from "../looking.ts";
import type { Failure } from "./errors.ts";

/** What a request to an endpoint carries. */
export type Access = { key: string } | { token: string };
/** Asked before each request: tokens run out. The vendor's client keeps one as long as it holds. Never throws. */
export type OpenAccess = (signal: AbortSignal) => Promise<Access | Failure>;

type TokenSource = ReturnType<typeof openCredential>;

const SCOPE = "https://cognitiveservices.azure.com/.default";

/** By key, or by signing in to Entra ID. Throws AppError `config-invalid` for a secret that is not there. */
export function openAccess(endpoint: ModelEndpoint, options: CredentialOptions): OpenAccess {
  const { name, keyFrom, signIn } = endpoint;
  if (!signIn) {
    const key = keyOf(name, keyFrom ?? "", options);
    return async () => ({ key });
  }
  secretOf(signIn, options.secret);
  let opened: TokenSource | undefined;
  return async (signal) => {
    // The client for signing in is large: nobody loads it who has a key.
    const { openCredential, signInFailure } = await import("../azure/credential.ts");
    opened ??= openCredential(signIn, options);
    try {
      const granted = await untilAborted(opened.getToken(SCOPE, { abortSignal: signal }), signal);
      if (!granted) throw new Error("no token was granted");
      return { token: granted.token };
    } catch (error) {
      return notSignedIn(name, error, !signal.aborted && signInFailure(error) === "refused");
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

function notSignedIn(name: string, cause: unknown, broken: boolean): Failure {
  // Whom Entra ID refuses it will refuse again; that it does not answer says nothing of the endpoint.
  const error = new AppError({
    code: broken ? "vendor-rejected" : "vendor-unavailable",
    summary: `Muster could not sign in to Entra ID for the model at ${name}.`,
    hint: "Check signIn of the endpoint in the models file, and its secret; `muster doctor` asks again.",
    retryable: !broken,
    cause,
  });
  return { error, next: "elsewhere", ...(broken && { broken }) };
}
