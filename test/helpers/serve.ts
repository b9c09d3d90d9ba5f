import { serve } from "@hono/node-server";
import { onTestFinished } from "vitest";

/** A real server on a free port, until the test is over; answers with its address. */
export async function serveFetch(fetch: (request: Request) => Response | Promise<Response>): Promise<string> {
  const { port, server } = await new Promise<{ port: number; server: ReturnType<typeof serve> }>((resolve) => {
    const listening = serve({ fetch, hostname: "127.0.0.1", port: 0 }, (at) =>
      resolve({ port: at.port, server: listening }),
    );
  });
  onTestFinished(async () => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise<void>((closed) => server.close(() => closed()));
  });
  return `http://127.0.0.1:${port}`;
}
