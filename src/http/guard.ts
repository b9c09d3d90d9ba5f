import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import type { Caller, Core } from "../core.ts";
import { AppError, type AppErrorOptions, type ErrorCode } from "../errors.ts";
import type { PeopleDirectory } from "../people/directory.ts";
import type { Recognised } from "../people/people.ts";
import { createRateLimiter } from "../rate-limit.ts";
import type { Door, HttpContext, HttpEnv } from "./options.ts";

export const SESSION_COOKIE = "muster_session";
const MAX_BODY_BYTES = 64 * 1024;

const HEADERS: Record<string, string> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not "no-referrer": a browser would then send `Origin: null` with our own forms.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

export function securityHeaders(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    c.set("requestId", randomUUID());
    await next();
    for (const [name, value] of Object.entries(HEADERS)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    c.res.headers.set("x-request-id", c.get("requestId"));
  };
}

/**
 * A web page of a stranger can make its own name point at 127.0.0.1 and then read what loopback answers. The name
 * that it calls us by gives it away.
 */
export function checkHost(allowed: readonly string[]): MiddlewareHandler<HttpEnv> {
  const known = new Set(["localhost", "127.0.0.1", "[::1]", ...allowed.map((host) => host.toLowerCase())]);
  return async (c, next) => {
    const { hostname } = new URL(c.req.url);
    if (!known.has(hostname.toLowerCase())) {
      turnAway(c, {
        code: "not-allowed",
        summary: `This server is not known as "${hostname.slice(0, 100)}".`,
        hint: "Call it as 127.0.0.1, or add the name to the allowed hosts of its configuration.",
      });
    }
    await next();
  };
}

export function limitBody(maxSize = MAX_BODY_BYTES): MiddlewareHandler<HttpEnv> {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new AppError({
        code: "too-large",
        summary: `The body is larger than ${maxSize / 1024} KiB.`,
        hint: "Shorten it: a note holds 2,000 characters and a reason 500.",
      });
    },
  });
}

/** Finds the caller by bearer token or session cookie; a wrong token is refused, none at all is left to the route. */
export function recognise(http: HttpContext): MiddlewareHandler<HttpEnv> {
  const { directory, sessions, openSignIn } = http;
  const limiter = createRateLimiter(http.rateLimit ?? { perSecond: 100, burst: 200 });
  const signIn = (c: Context<HttpEnv>, via: "token" | "session", caller: Caller, credential: string | undefined) => {
    c.set("caller", caller);
    c.set("via", via);
    c.set("again", () => directory.again(caller.principal, credential));
  };
  return async (c, next) => {
    const header = c.req.header("authorization");
    if (header !== undefined) {
      const token = /^Bearer\s+(\S+)$/i.exec(header)?.[1] ?? "";
      const known = await authenticate(directory, token);
      if (known instanceof AppError) {
        slowGuessing(c, http);
        turnAway(c, known);
      }
      signIn(c, "token", known.caller, known.credential);
    } else {
      const session = sessions.read(getCookie(c, SESSION_COOKIE));
      // A session that no token opened holds only where people say who they are: not on a server that asks for one.
      const holds = session && (session.credential !== undefined || openSignIn);
      const caller = holds && (await directory.again(session.principal, session.credential));
      if (caller) signIn(c, "session", caller, session.credential);
    }
    slow(c, limiter.take(c.get("caller")?.principal ?? "nobody"));
    await next();
  };
}

/** A token that nobody knows, and one that no longer holds, are both refused; that the store is away is not that. */
export async function authenticate(directory: PeopleDirectory, token: string): Promise<Recognised | AppError> {
  try {
    return (await directory.authenticate(token)) ?? notAuthenticated("This token is not known.");
  } catch (error) {
    if (error instanceof AppError && error.code === "not-authenticated") return error;
    throw error;
  }
}

/** Counts a wrong token, whichever way it was shown; throws when there are too many. */
export function slowGuessing(c: Context<HttpEnv>, { wrongTokens }: Pick<HttpContext, "wrongTokens">): void {
  slow(c, wrongTokens.take("anybody"));
}

function slow(c: Context<HttpEnv>, waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  c.header("retry-after", String(seconds));
  const hint = `Try again in ${seconds} s.`;
  turnAway(c, { code: "rate-limited", summary: "Too many requests.", hint, retryable: true });
}

/** The address that the request came from; behind a proxy that is the proxy's. */
export function sourceOf(c: Context<HttpEnv>): string {
  // Without a socket there is no address: a request that was made inside this process.
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? "unknown";
}

/** Refuses before any command is reached; whoever renders the error counts it. */
export function turnAway(c: Context<HttpEnv>, error: AppErrorOptions | AppError): never {
  c.set("turnedAway", true);
  throw error instanceof AppError ? error : new AppError(error);
}

interface DoorContext {
  core: Pick<Core, "turnedAway">;
  logger: Pick<HttpContext["logger"], "warn">;
}

/**
 * A door verifies its caller itself. Whom it does not know it turns away as a wrong token is, and which door it was
 * shows whose secret is wrong. The log says why, as often as somebody could read it.
 */
export function openDoor({ path, handle }: Door, { core, logger }: DoorContext): (c: Context) => Promise<Response> {
  const lines = createRateLimiter({ perSecond: 1, burst: 20 });
  return async (c) => {
    try {
      return await handle(c.req.raw);
    } catch (error) {
      if (error instanceof AppError && UNKNOWN_CALLER.has(error.code)) {
        const source = `${sourceOf(c)} (${path})`;
        core.turnedAway(source, error.code);
        const { code, summary, cause } = error;
        const because = cause instanceof Error && { because: cause.message };
        if (lines.take(path) === 0) logger.warn({ source, code, summary, ...because }, "turned away at a door");
      }
      throw error;
    }
  };
}

const UNKNOWN_CALLER: ReadonlySet<ErrorCode> = new Set(["not-authenticated", "not-allowed"]);

/** A browser says where a post comes from; without that a cookie alone is not believed. */
export function checkOrigin(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const unsafe = c.req.method !== "GET" && c.req.method !== "HEAD";
    if (unsafe && c.get("via") !== "token" && !sameOrigin(c)) {
      turnAway(c, {
        code: "not-allowed",
        summary: "This request comes from another site.",
        hint: "Open the control room itself and try there, or use a bearer token.",
      });
    }
    await next();
  };
}

function sameOrigin(c: Context<HttpEnv>): boolean {
  const origin = c.req.header("origin");
  const { origin: own, host } = new URL(c.req.url);
  // Behind a proxy that ends TLS the page is https and what arrives here is not; the proxy passes the host on.
  if (origin !== undefined) return origin === own || origin === `https://${host}`;
  return c.req.header("sec-fetch-site") === "same-origin";
}

/** Did the browser come by TLS, perhaps to a proxy in front? Its word is believed only to make a cookie stricter. */
export function cameByTls(c: Context<HttpEnv>): boolean {
  return new URL(c.req.url).protocol === "https:" || (c.req.header("origin")?.startsWith("https:") ?? false);
}

export function notAuthenticated(summary: string): AppError {
  const hint = "Send `Authorization: Bearer <token>`, or sign in to the control room.";
  return new AppError({ code: "not-authenticated", summary, hint });
}
