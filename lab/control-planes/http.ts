import type { IncomingMessage, ServerResponse } from "node:http";

/** How a control plane can be broken: answers 5xx, never answers, or says that there were too many requests. */
export type Fault = "unavailable" | "hang" | "throttle" | undefined;

const MAX_BODY_BYTES = 1024 * 1024;

/** The whole body as text, or `undefined` when it is larger than any request that these APIs know. */
export async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function send(res: ServerResponse, status: number, contentType: string, body: string): void {
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  res.setHeader("Content-Type", contentType);
  res.end(body);
}
