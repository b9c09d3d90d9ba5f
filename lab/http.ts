import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../src/errors.ts";

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  if (res.headersSent || res.destroyed) return;
  const text = JSON.stringify(body);
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  res.end(text);
}

/** The whole body, or AppError `too-large`. */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new AppError({ code: "too-large", summary: `The body is larger than ${maxBytes} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Listens on loopback; port 0 picks one. A taken port is AppError `port-in-use` that names what it was for. */
export function listen(server: Server, port: number, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? portInUse(port, what) : error);
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

export function listenWith(
  handler: RequestListener,
  port: number,
  what: string,
): Promise<{ server: Server; port: number }> {
  const server = createServer(handler);
  return listen(server, port, what).then((bound) => ({ server, port: bound }));
}

export function portInUse(port: number, what: string): AppError {
  return new AppError({
    code: "port-in-use",
    summary: `Port ${port}, which this lab keeps for its ${what}, is taken by another program.`,
    hint: "End that program and start again, or begin anew with `npm run reset`.",
  });
}
