import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, reportError } from "../../src/errors.ts";
import { readBody, sendJson } from "../http.ts";

export type Route = (body: unknown) => unknown | Promise<unknown>;

const MAX_BODY_BYTES = 16 * 1024;
const STATUS: Partial<Record<AppError["code"], number>> = {
  "bad-input": 400,
  "not-authenticated": 401,
  "not-found": 404,
  "wrong-state": 409,
  "too-large": 413,
  "vendor-unavailable": 503,
};

/** The control API: a table of `METHOD /path`, behind one bearer token, on loopback. */
export function createControl(
  token: string,
  routes: Record<string, Route>,
): (req: IncomingMessage, res: ServerResponse) => void {
  async function handle(req: IncomingMessage): Promise<unknown> {
    if (!sameSecret(req.headers.authorization ?? "", `Bearer ${token}`)) {
      throw new AppError({
        code: "not-authenticated",
        summary: "The lab's control API needs its bearer token.",
        hint: "It is in lab/world.json of the data directory.",
      });
    }
    const route = routes[`${req.method} ${(req.url ?? "/").split("?", 1)[0]}`];
    if (!route) {
      throw new AppError({
        code: "not-found",
        summary: `The lab's control API has no ${req.method} ${req.url}.`,
        hint: `It has ${Object.keys(routes).join(", ")}.`,
      });
    }
    return route(parse(await readBody(req, MAX_BODY_BYTES)));
  }

  return (req, res) => {
    handle(req).then(
      (body) => sendJson(res, 200, body),
      (error) => {
        const status = error instanceof AppError ? (STATUS[error.code] ?? 500) : 500;
        if (status === 500) console.error(error);
        sendJson(res, status, reportError(error));
      },
    );
  };
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new AppError({ code: "bad-input", summary: "The body is not JSON." });
  }
}

function sameSecret(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
