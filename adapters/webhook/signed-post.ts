import { createHmac } from "node:crypto";
import { AppError, type AppErrorOptions } from "../../src/errors.ts";
import { retryAfterMs, throttled } from "../retry-after.ts";

export interface SignedPostOptions {
  url: string;
  secret: string;
  requestTimeoutMs: number;
  /** Milliseconds since 1970. */
  now?(): number;
  /** What people call it, and where its address and its secret are set: for what is said when it fails. */
  what: string;
  urlFrom: string;
  secretFrom: string;
}

/** When the other side names no time. */
const DEFAULT_REST_MS = 60_000;

/**
 * Sends one body to an address, signed, and follows no redirect. What was sent without an answer cannot be asked for:
 * it is sent again under the same Muster-Delivery, by which the other side knows it.
 */
export function createSignedPost(options: SignedPostOptions) {
  const { url, secret, requestTimeoutMs, now = Date.now } = options;
  return async (delivery: string, content: object, signal: AbortSignal): Promise<void> => {
    const body = JSON.stringify(content);
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "muster-delivery": delivery,
        "muster-signature": signatureOf(body, secret, Math.floor(now() / 1_000)),
      },
      body,
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new AppError({ ...away(options, "no connection, or no answer in time"), cause: error });
    });
    await response.body?.cancel();
    if (!response.ok) throw refusal(options, response);
  };
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, so that an old delivery cannot be sent anew. */
function signatureOf(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

function refusal(options: SignedPostOptions, response: Response): AppError {
  const { what, urlFrom, secretFrom } = options;
  const { status } = response;
  if (status === 429) return throttled(what, retryAfterMs(response.headers) ?? DEFAULT_REST_MS);
  if (status >= 500 || status === 408) return new AppError(away(options, `HTTP ${status}`));
  return new AppError({
    code: "vendor-rejected",
    summary: `${what} refuses the update (HTTP ${status}).`,
    hint: `Check ${urlFrom}, and that both sides have the same ${secretFrom}.`,
  });
}

function away({ what, urlFrom }: SignedPostOptions, why: string): AppErrorOptions {
  return {
    code: "vendor-unavailable",
    summary: `${what} cannot be reached (${why}).`,
    hint: `Look at the system behind ${urlFrom}; it goes on being tried.`,
    retryable: true,
  };
}
