import { serve as listen } from "@hono/node-server";
import { AppError } from "../errors.ts";

/** Resolves when it listens. Throws AppError `port-in-use`. */
export function listenOn(
  fetch: Parameters<typeof listen>[0]["fetch"],
  { host, port }: { host: string; port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = listen({ fetch, hostname: host, port }, (address) => {
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
