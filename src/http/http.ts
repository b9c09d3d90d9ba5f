import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { routePath } from "hono/route";
import { createDispatcher } from "../commands/dispatch.ts";
import { AppError } from "../errors.ts";
import { createRateLimiter } from "../rate-limit.ts";
import { errorAnswer, json } from "./answers.ts";
import { createApi, importOffline } from "./api.ts";
import { createStreamSlots } from "./feed.ts";
import { checkHost, checkOrigin, limitBody, openDoor, recognise, securityHeaders, sourceOf } from "./guard.ts";
import { createMetrics } from "./metrics.ts";
import type { HttpContext, HttpEnv, HttpOptions } from "./options.ts";
import { type Readiness, readiness } from "./ready.ts";
import { createRoom } from "./room/routes.ts";
import { createSessions } from "./session.ts";
import { createStatus } from "./status-routes.ts";

/** Of a local run: some hundred events. */
const MAX_JOURNAL_BYTES = 16 * 1024 * 1024;

/** The API and the control room. It only answers requests: listening, and on which address, is the caller's business. */
export function createHttp(options: HttpOptions): Hono<HttpEnv> {
  const http = contextOf(options);
  const { core, logger, metrics } = http;
  const app = new Hono<HttpEnv>();
  app.use(securityHeaders());
  app.use(async (c, next) => {
    await next();
    // Of what answered it; the last that fits would be a check that stands behind the open addresses.
    metrics.request(c.req.method, routePath(c), c.res.status);
  });
  app.onError((error, c) => {
    if (c.get("turnedAway") && error instanceof AppError) core.turnedAway(sourceOf(c), error.code);
    return errorAnswer(c, error, logger);
  });
  app.notFound((c) => errorAnswer(c, notFound(c.req.method, c.req.path), logger));

  app.get("/healthz", (c) => json(c, { ok: true }));
  app.get("/readyz", async (c) => {
    try {
      const answer = await readiness(core);
      return json(c, answer, answer.ready ? 200 : 503);
    } catch (error) {
      logger.warn({ err: error }, "not ready");
      const reason = error instanceof AppError ? error.code : "internal";
      return json(c, { ready: false, reason } satisfies Readiness, 503);
    }
  });
  for (const door of options.doors ?? []) app.post(door.path, limitBody(), openDoor(door, http));
  app.use(checkHost(options.allowedHosts ?? []));
  app.get("/metrics", async (c) =>
    c.body(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
  );
  app.route("/", createStatus(http));
  app.post("/api/v1/offline-journals", limitBody(MAX_JOURNAL_BYTES), recognise(http), checkOrigin(), (c) =>
    importOffline(c, http),
  );
  app.use(limitBody(), recognise(http), checkOrigin());
  app.route("/api/v1", createApi(http));
  app.route("/", createRoom(http));
  return app;
}

function contextOf(options: HttpOptions): HttpContext {
  const metrics = options.metrics ?? createMetrics(options.core);
  return {
    ...options,
    metrics,
    sessions: createSessions(options.sessionSecret ?? randomBytes(32).toString("hex")),
    streams: createStreamSlots(options.maxStreams ?? 64, options.maxStreamsEach ?? 16),
    wrongTokens: createRateLimiter({ perSecond: 5, burst: 20 }),
    dispatcher: options.dispatcher ?? createDispatcher({ ...options, observe: metrics.command }),
  };
}

function notFound(method: string, path: string): AppError {
  return new AppError({
    code: "not-found",
    summary: `There is no ${method} ${path.slice(0, 100)}.`,
    hint: "/api/v1/openapi.json lists what there is; commands are POSTed to /api/v1/commands/<name>.",
  });
}
