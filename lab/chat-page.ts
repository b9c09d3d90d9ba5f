import type { IncomingMessage, ServerResponse } from "node:http";
import { listenWith, readBody } from "./http.ts";

/** Serves the page of an emulated chat on loopback, and does there what its reader does. */
const MAX_BODY_BYTES = 64 * 1024;

export type Fields = Record<string, string>;

export interface ChatPageOptions {
  /** What a taken port is said to be for. */
  name: string;
  port: number;
  people(): readonly string[];
  /** What one of the people sees. */
  html(as: string): string | Promise<string>;
  /** What a reader may do, by its name. What one throws is told to them. */
  acts: Record<string, (as: string, fields: Fields) => unknown>;
  /** The text of a file that somebody opens under `/file/`; undefined when it is gone. */
  file?(pathname: string): string | undefined;
}

export interface ChatPage {
  url: string;
  close(): Promise<void>;
}

/** Throws AppError `port-in-use`. */
export async function startChatPage({ name, port, people, html, acts, file }: ChatPageOptions): Promise<ChatPage> {
  const bound = await listenWith((req, res) => void answer(req, res).catch(() => res.destroy()), port, name);
  const hosts = ["127.0.0.1", "localhost"].map((host) => `${host}:${bound.port}`);
  const isPerson = (one: string | undefined): one is string => one !== undefined && people().includes(one);

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? "/", "http://lab");
    const { host = "", origin } = req.headers;
    // Another site in the same browser must not press buttons here, nor read under a name that it points at us.
    if (!hosts.includes(host) || (origin !== undefined && origin !== `http://${host}`))
      return send(res, 403, "This page is for this machine alone.");
    if (req.method === "POST") return await act(req, res, pathname.slice(1));
    if (file && pathname.startsWith("/file/")) {
      const text = file(pathname);
      return send(res, text === undefined ? 404 : 200, text ?? "That file is gone.");
    }
    if (pathname !== "/") return send(res, 404, "There is no such page.");
    const asked = searchParams.get("as") ?? "operator";
    send(res, 200, await html(isPerson(asked) ? asked : (people()[0] ?? "")), "text/html");
  }

  async function act(req: IncomingMessage, res: ServerResponse, what: string): Promise<void> {
    const fields = Object.fromEntries(new URLSearchParams((await readBody(req, MAX_BODY_BYTES)).toString()));
    const { as } = fields;
    const doIt = Object.hasOwn(acts, what) ? acts[what] : undefined;
    if (!doIt || !isPerson(as)) return send(res, 404, "There is no such thing to do.");
    try {
      await doIt(as, fields);
    } catch (error) {
      return send(res, 409, (error as Error).message);
    }
    res.writeHead(303, { location: `/?as=${encodeURIComponent(as)}` }).end();
  }

  return {
    url: `http://127.0.0.1:${bound.port}`,
    async close() {
      bound.server.closeAllConnections();
      await new Promise<void>((resolve) => bound.server.close(() => resolve()));
    },
  };
}

function send(res: ServerResponse, status: number, text: string, type = "text/plain"): void {
  const headers = { "x-content-type-options": "nosniff", "x-frame-options": "DENY" };
  res.writeHead(status, { "content-type": `${type}; charset=utf-8`, ...headers });
  res.end(text);
}
