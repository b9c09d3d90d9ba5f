import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { serve as listen } from "@hono/node-server";
import { AppError } from "../errors.ts";

/**
 * Connections cost descriptors, which probes and the store need too: whoever opens them without end is kept out before
 * Muster cannot look any more and takes that for regions that are down.
 */
const BOUNDS = {
  connections: 500,
  /** From a connection, or the end of an answer, to the first byte; Node alone would wait for ever. */
  silentMs: 15_000,
  /** No byte either way: no command takes so long, and streams have heartbeats. */
  idleMs: 300_000,
  headersMs: 15_000,
  requestMs: 120_000,
};

/** Resolves when it listens. Throws AppError `port-in-use`. */
export function listenOn(
  fetch: Parameters<typeof listen>[0]["fetch"],
  { host, port }: { host: string; port: number },
  bounds: Partial<typeof BOUNDS> = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { connections, silentMs, idleMs, headersMs, requestMs } = { ...BOUNDS, ...bounds };
  const serverOptions = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(headersMs, 5_000),
  };
  return new Promise((resolve, reject) => {
    const server = listen({ fetch, hostname: host, port, serverOptions }, (address) => {
      resolve({
        url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            // Live feeds never end by themselves.
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
    server.maxConnections = connections;
    server.on("connection", (socket: Socket) => socket.setTimeout(silentMs, () => socket.destroy()));
    server.on("request", ({ socket }: IncomingMessage) => socket.setTimeout(idleMs));
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE") {
    const summary = `Port ${port} on ${host} is in use, perhaps by another Muster.`;
    return new AppError({
      code: "port-in-use",
      summary,
      hint: "Stop what uses it, or set MUSTER_PORT (npm start -- --port 4747).",
    });
  }
  const summary = `Muster cannot listen on ${host}:${port} (${error.code ?? error.message}).`;
  return new AppError({ code: "config-invalid", summary, hint: "Check MUSTER_HOST and MUSTER_PORT.", cause: error });
}
