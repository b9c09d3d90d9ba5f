import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { toJson } from "../commands/wire.ts";
import { AppError, type ErrorReport, reportError } from "../errors.ts";
import type { HttpEnv, HttpOptions } from "./options.ts";
import { httpStatus } from "./status-codes.ts";

export type HttpError = ErrorReport & { requestId: string };

export function json(c: Context<HttpEnv>, value: unknown, status: 200 | 503 = 200): Response {
  return c.body(toJson(value), status, { "content-type": "application/json; charset=utf-8" });
}

/** What went wrong as JSON; everything unexpected is logged under the request's id and says nothing else outside. */
export function errorAnswer(c: Context<HttpEnv>, error: unknown, logger: HttpOptions["logger"]): Response {
  const known = understand(error);
  const requestId = c.get("requestId") ?? randomUUID();
  if (!(known instanceof AppError)) {
    logger.error({ err: error, requestId, path: c.req.path }, "request failed unexpectedly");
  }
  const report: HttpError = { ...reportError(known), requestId };
  if (report.code === "internal" && !(known instanceof AppError))
    report.hint = `The log has the details under ${requestId}.`;
  if (report.code === "not-authenticated") c.header("www-authenticate", 'Bearer realm="muster"');
  return c.json(report, httpStatus(report.code));
}

function understand(error: unknown): unknown {
  if (!(error instanceof HTTPException)) return error;
  return new AppError({ code: "bad-input", summary: error.message || "The request cannot be read.", cause: error });
}

export async function readJson(c: Context<HttpEnv>): Promise<unknown> {
  const text = await c.req.text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError({
      code: "bad-input",
      summary: `The body is not JSON: ${(error as Error).message.slice(0, 200)}.`,
      hint: "Send a JSON object with the command's fields; /api/v1/openapi.json describes them.",
    });
  }
}
