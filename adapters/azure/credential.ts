import {
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import type { SignIn } from "../../src/assistant/sign-in.ts";
import { type CredentialOptions, secretOf } from "./secret.ts";

/**
 * Who Muster is to Azure. The vendor's own client keeps tokens and renews them in time. Throws AppError
 * `config-invalid` for a secret that is not there.
 */
export function openCredential(signIn: SignIn, { secret, ca }: CredentialOptions): TokenCredential {
  const { as, tenantId = "", clientId = "", authority } = signIn;
  // One try: whoever asks has seconds, and asks again if it matters.
  const options = {
    retryOptions: { maxRetries: 1, maxRetryDelayInMs: 500 },
    ...(ca !== undefined && { tlsOptions: { ca } }),
    ...(authority !== undefined && { authorityHost: authority, disableInstanceDiscovery: true }),
  };
  if (as === "managed-identity")
    return new ManagedIdentityCredential(clientId === "" ? options : { clientId, ...options });
  if (as === "default") return new DefaultAzureCredential(options);
  return new ClientSecretCredential(tenantId, clientId, secretOf(signIn, secret) ?? "", options);
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
