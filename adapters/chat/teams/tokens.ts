import { AppError } from "../../../src/errors.ts";
import { awayError, throttledError } from "./errors.ts";

export interface TokenOptions {
  loginUrl: string;
  tenantId: string;
  appId: string;
  appPassword: string;
}

export type Tokens = (scope: string, signal?: AbortSignal) => Promise<string>;

const REQUEST_TIMEOUT_MS = 10_000;
/** Renewed this long before it ends. */
const MARGIN_MS = 5 * 60_000;

/**
 * The app's own tokens by the client credentials grant. MSAL, which the SDK would use, takes no address but
 * Microsoft's own; the grant is one request. https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function createTokens({ loginUrl, tenantId, appId, appPassword }: TokenOptions): Tokens {
  const known = new Map<string, { token: string; untilMs: number }>();

  return async (scope, signal) => {
    const now = performance.now();
    const current = known.get(scope);
    if (current && now < current.untilMs) return current.token;
    const form = { grant_type: "client_credentials", client_id: appId, client_secret: appPassword, scope };
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams(form),
      // The body holds the client secret, which a redirect would take along to anywhere.
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }).catch((cause) => {
      signal?.throwIfAborted();
      throw awayError("sign-in", "no connection", cause);
    });
    if (response.status === 429) throw throttledError(response.headers);
    if (response.status >= 500) throw awayError("sign-in", `HTTP ${response.status}`);
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (answer.access_token === undefined) throw refused(answer.error);
    known.set(scope, { token: answer.access_token, untilMs: now + (answer.expires_in ?? 0) * 1_000 - MARGIN_MS });
    return answer.access_token;
  };
}

interface Answer {
  access_token?: string;
  expires_in?: number;
  error?: string;
}

function refused(word = "no reason given"): AppError {
  return new AppError({
    code: "vendor-rejected",
    summary: `Microsoft Entra refuses the app's sign-in: ${word}.`,
    hint: "Check MUSTER_TEAMS_APP_ID and MUSTER_TEAMS_APP_PASSWORD; a client secret ends after its time and is then made anew.",
    retryable: false,
  });
}
