import { serve } from "@hono/node-server";
import { commands } from "../../commands/index.ts";
import type { Core } from "../../src/core.ts";
import { createHttp } from "../../src/http/http.ts";
import type { HttpOptions } from "../../src/http/options.ts";
import { fakeDirectory, tokenOf } from "./core.ts";

export interface Door {
  url: string;
  /** A command as a principal of the fake directory, or with a token of one's own choice. */
  call(name: string, input: object, who: string, headers?: Record<string, string>): Promise<DoorAnswer>;
  close(): Promise<void>;
}

export interface DoorAnswer {
  status: number;
  body: { code?: string; summary?: string; data?: unknown; card?: unknown };
}

/** The real HTTP server on a free loopback port, in front of a whole core: requests overlap as they do in life. */
export async function openDoor(core: Core, more: Partial<HttpOptions> = {}): Promise<Door> {
  const logger = { info() {}, warn() {}, error() {} } as unknown as HttpOptions["logger"];
  const http = createHttp({ core, commands, directory: fakeDirectory, logger, openSignIn: false, ...more });
  const { url, close } = await listen(http.fetch);
  return {
    url,
    close,
    async call(name, input, who, headers = {}) {
      const authorization = `Bearer ${more.directory ? who : tokenOf(who)}`;
      const response = await fetch(`${url}/api/v1/commands/${name}`, {
        method: "POST",
        body: JSON.stringify(input),
        headers: { authorization, "content-type": "application/json", ...headers },
      });
      return { status: response.status, body: (await response.json()) as DoorAnswer["body"] };
    },
  };
}

function listen(fetch: Parameters<typeof serve>[0]["fetch"]): Promise<{ url: string; close(): Promise<void> }> {
  return new Promise((resolve) => {
    const server = serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          if ("closeAllConnections" in server) server.closeAllConnections();
        });
      resolve({ url: `http://127.0.0.1:${port}`, close });
    });
  });
}
