import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import { AppError } from "../../src/errors.ts";
import { readBody, sendJson } from "../http.ts";

export interface PodAddress {
  name: string;
  port: number;
}

const UPSTREAM_TIMEOUT_MS = 5000;
const MAX_BODY_BYTES = 64 * 1024;

/** Round robin over the pods that are ready. A pod that refuses the connection is skipped once around. */
export function createBalancer(pods: () => PodAddress[]): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let turn = 0;

  return async (req, res) => {
    let body: Buffer;
    try {
      body = await readBody(req, MAX_BODY_BYTES);
    } catch (error) {
      return sendJson(res, error instanceof AppError ? 413 : 400, { error: "The request's body could not be read." });
    }
    const ready = pods();
    if (ready.length === 0) return sendJson(res, 503, { error: "No pod is ready in this region." });
    for (let attempt = 0; attempt < ready.length; attempt++) {
      const pod = ready[turn++ % ready.length]!;
      const outcome = await forward(agent, pod, req, res, body);
      if (outcome !== "refused") return;
    }
    sendJson(res, 502, { error: "No pod of this region could be reached." });
  };
}

/** `refused` when the pod saw nothing of the request, so that it may be sent to another one. */
function forward(
  agent: Agent,
  pod: PodAddress,
  req: IncomingMessage,
  res: ServerResponse,
  body: Buffer,
): Promise<"answered" | "refused"> {
  return new Promise((resolve) => {
    const upstream = request(
      {
        host: "127.0.0.1",
        port: pod.port,
        method: req.method,
        path: req.url,
        headers: { "content-type": req.headers["content-type"] ?? "application/json", "content-length": body.length },
        agent,
        timeout: UPSTREAM_TIMEOUT_MS,
      },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, { "content-type": answer.headers["content-type"] ?? "text/plain" });
        answer.pipe(res);
        answer.on("error", () => res.destroy());
        resolve("answered");
      },
    );
    let timedOut = false;
    upstream.on("timeout", () => {
      timedOut = true;
      upstream.destroy();
    });
    upstream.on("error", (error: NodeJS.ErrnoException) => {
      // A kept connection that the pod had closed before it read anything is as good as a refused one.
      const unseen = error.code === "ECONNREFUSED" || (upstream.reusedSocket && error.code === "ECONNRESET");
      if (unseen && !res.headersSent) return resolve("refused");
      sendJson(res, timedOut ? 504 : 502, {
        error: timedOut ? "The pod did not answer in time." : "The pod went away.",
      });
      resolve("answered");
    });
    upstream.end(body);
  });
}
