import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import { AppError } from "../errors.ts";
import type { HttpContext, HttpEnv } from "./options.ts";
import { createRateLimiter } from "./rate-limit.ts";

export const SESSION_COOKIE = "muster_session";
export const MAX_BODY_BYTES = 64 * 1024;

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
      throw new AppError({
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
export function recognise({ directory, sessions, rateLimit }: HttpContext): MiddlewareHandler<HttpEnv> {
  const limiter = createRateLimiter(rateLimit ?? { perSecond: 100, burst: 200 });
  const wrongTokens = createRateLimiter({ perSecond: 5, burst: 20 });
  return async (c, next) => {
    const header = c.req.header("authorization");
    if (header !== undefined) {
      const caller = directory.authenticate(/^Bearer\s+(\S+)$/i.exec(header)?.[1] ?? "");
      if (!caller) {
        slow(c, wrongTokens.take("anybody"));
        throw notAuthenticated("This token is not known.");
      }
      c.set("caller", caller);
      c.set("via", "token");
    } else {
      const principal = sessions.read(getCookie(c, SESSION_COOKIE));
      const caller = principal === undefined ? undefined : directory.byId(principal);
      if (caller) {
        c.set("caller", caller);
        c.set("via", "session");
      }
    }
    slow(c, limiter.take(c.get("caller")?.principal ?? "nobody"));
    await next();
  };
}

function slow(c: Context<HttpEnv>, waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  c.header("retry-after", String(seconds));
  throw new AppError({
    code: "rate-limited",
    summary: "Too many requests.",
    hint: `Try again in ${seconds} s.`,
    retryable: true,
  });
}

/** A browser says where a post comes from; without that a cookie alone is not believed. */
export function checkOrigin(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const unsafe = c.req.method !== "GET" && c.req.method !== "HEAD";
    if (unsafe && c.get("via") !== "token" && !sameOrigin(c)) {
      throw new AppError({
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
  if (origin !== undefined) return origin === new URL(c.req.url).origin;
  return c.req.header("sec-fetch-site") === "same-origin";
}

export function notAuthenticated(summary: string): AppError {
  const hint = "Send `Authorization: Bearer <token>`, or sign in to the control room.";
  return new AppError({ code: "not-authenticated", summary, hint });
}
