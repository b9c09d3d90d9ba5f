import {
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import type { SignIn } from "../../src/assistant/sign-in.ts";
import { secretVariable } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";

export interface CredentialOptions {
  secret(name: string): string | undefined;
  /** Another authority than those that every system trusts, for a private cloud and for tests. */
  ca?: string;
}

/**
 * Who Muster is to Azure. The vendor's own client keeps tokens and renews them in time. Throws AppError
 * `config-invalid` for a secret that is not there.
 */
export function openCredential(
  { as, tenantId = "", clientId = "", secretFrom = "", authority }: SignIn,
  { secret, ca }: CredentialOptions,
): TokenCredential {
  // One try: whoever asks has seconds, and asks again if it matters.
  const options = {
    retryOptions: { maxRetries: 1, maxRetryDelayInMs: 500 },
    ...(ca !== undefined && { tlsOptions: { ca } }),
    ...(authority !== undefined && { authorityHost: authority, disableInstanceDiscovery: true }),
  };
  if (as === "managed-identity")
    return new ManagedIdentityCredential(clientId === "" ? options : { clientId, ...options });
  if (as === "default") return new DefaultAzureCredential(options);
  const value = secret(secretFrom);
  if (value !== undefined) return new ClientSecretCredential(tenantId, clientId, value, options);
  throw new AppError({
    code: "config-invalid",
    summary: `The application ${clientId} has no secret to sign in to Azure with.`,
    hint: `Set the secret that secretFrom names: ${secretVariable(secretFrom)}.`,
  });
}

const KINDS =
  /^(?:AuthenticationError|AuthenticationRequiredError|AggregateAuthenticationError|CredentialUnavailableError)$/u;
/** Words of OAuth by which a sign-in is refused for good; all else may go better in a moment. */
const REFUSED =
  /\b(?:invalid_client|unauthorized_client|invalid_request|invalid_scope|invalid_grant|access_denied|AADSTS\d+)\b/u;

/** Whether an error is one of signing in and, if so, whether it was refused. The client has one class for both. */
export function signInFailure(error: unknown): "refused" | "unavailable" | undefined {
  if (!(error instanceof Error) || !KINDS.test(error.name)) return undefined;
  if (error.name === "CredentialUnavailableError") return "refused";
  return REFUSED.test(error.message) ? "refused" : "unavailable";
}
