import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import { AppError } from "../../src/errors.ts";
import { readBody, sendJson } from "../http.ts";
import { API_NAME } from "./definition.ts";
import { createTtlCache, type Resolver } from "./resolver.ts";

const TIMEOUT_MS = 5000;
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The service under its public name: behaves like one client that honours the TTL, and opens a new connection
 * for each request, so that it goes where the name points.
 */
export function createFront(resolver: Resolver): (req: IncomingMessage, res: ServerResponse) => void {
  const look = createTtlCache(async (name) => resolver.resolve(name));
  const agent = new Agent({ keepAlive: false, maxSockets: 256 });

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req, MAX_BODY_BYTES);
    const answer = await look(API_NAME);
    if (!answer) return sendJson(res, 502, { error: `${API_NAME} has no address.` });
    const [host, port] = answer.address.split(":");
    const upstream = request(
      {
        host,
        port,
        method: req.method,
        path: req.url,
        agent,
        timeout: TIMEOUT_MS,
        headers: { "content-type": req.headers["content-type"] ?? "application/json", "content-length": body.length },
      },
      (reply) => {
        const type = reply.headers["content-type"] ?? "text/plain";
        res.writeHead(reply.statusCode ?? 502, { "content-type": type, "x-served-by": answer.region });
        reply.pipe(res);
        reply.on("error", () => res.destroy());
      },
    );
    let timedOut = false;
    upstream.on("timeout", () => {
      timedOut = true;
      upstream.destroy();
    });
    upstream.on("error", () => {
      const error = `The edge of ${answer.region} ${timedOut ? "did not answer" : "could not be reached"}.`;
      sendJson(res, timedOut ? 504 : 502, { error });
    });
    res.on("close", () => upstream.destroy());
    upstream.end(body);
  }

  return (req, res) => {
    handle(req, res).catch((error) => {
      const tooLarge = error instanceof AppError && error.code === "too-large";
      sendJson(res, tooLarge ? 413 : 400, { error: tooLarge ? error.summary : "The request could not be read." });
    });
  };
}
