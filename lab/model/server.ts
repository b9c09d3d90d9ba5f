import type { IncomingMessage, ServerResponse } from "node:http";
import { listenWith, readBody, sendJson } from "../http.ts";
import { Body, bodyFaults } from "./body.ts";
import { fail, play, type Scene } from "./scenes.ts";

export interface ModelServerOptions {
  key: string;
  /** For what a bearer token holds; without it, keys only. */
  scopeOf?(authorization: string | undefined): string | undefined;
  deployment: string;
  model: string;
  apiVersion: string;
  /** Reasoning models refuse what they do not know. */
  reasoning?: boolean;
  port?: number;
  /** Told of every request when it has come in; it is answered when this resolves. */
  beforeAnswer?(): Promise<void>;
}

export interface Asked {
  system: string;
  user: string;
  /** What tools have answered so far in this conversation, oldest first. */
  results: string[];
  body: Record<string, unknown>;
}

export interface ModelServer {
  url: string;
  /** Every request that was taken, oldest first. */
  asked: Asked[];
  /** Requests that were refused before any scene, with why. */
  refused: string[];
  /** Scenes of the next requests, one each; the last goes on being played. A function writes after what was asked. */
  play(...scenes: (Scene | ((asked: Asked) => Scene))[]): void;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 2_000_000;

/** A stateful deployment of a language model on loopback, in Azure's wire format; refuses what Azure refuses. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const asked: Asked[] = [];
  const refused: string[] = [];
  let scenes: (Scene | ((asked: Asked) => Scene))[] = [{ does: "fails", status: 503 }];
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const fault = doorFault(req, options);
    if (fault) {
      refused.push(fault.said);
      fail(res, fault.status, fault.code);
      return;
    }
    const body = Body.safeParse(JSON.parse((await readBody(req, MAX_BODY_BYTES)).toString("utf8")));
    const wrong = body.success
      ? bodyFaults(body.data, options.reasoning === true)
      : ["the body has not the form of a chat completion"];
    if (!body.success || wrong.length > 0) {
      refused.push(...wrong);
      sendJson(res, 400, { error: { code: "invalid_request_error", message: wrong.join("; ") } });
      return;
    }
    const textOf = (roles: string[]) =>
      body.data.messages.filter(({ role }) => roles.includes(role)).map(({ content }) => content ?? "");
    const one = {
      system: textOf(["system", "developer"]).join("\n"),
      user: textOf(["user"]).join("\n"),
      results: textOf(["tool"]),
      body: body.data,
    };
    asked.push(one);
    await options.beforeAnswer?.();
    const scene = (scenes.length > 1 ? scenes.shift() : scenes[0]) ?? { does: "hangs" };
    play(typeof scene === "function" ? scene(one) : scene, res, `${options.deployment}-${asked.length}`, options.model);
  };
  const { server, port } = await listenWith(
    (req, res) => void answer(req, res).catch(() => res.destroy()),
    options.port ?? 0,
    "language model",
  );
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    refused,
    play(...next) {
      scenes = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const SCOPE = "https://cognitiveservices.azure.com/.default";

function doorFault(req: IncomingMessage, { key, scopeOf, deployment, apiVersion }: ModelServerOptions) {
  const url = new URL(req.url ?? "/", "http://lab");
  const scope = scopeOf?.(req.headers.authorization);
  const isKnown = scope === SCOPE ? req.headers["api-key"] === undefined : req.headers["api-key"] === key;
  if (!isKnown) return { status: 401, code: "401", said: "a wrong key" };
  if (url.pathname !== `/openai/deployments/${deployment}/chat/completions` || req.method !== "POST")
    return { status: 404, code: "DeploymentNotFound", said: `no deployment at ${url.pathname}` };
  if (url.searchParams.get("api-version") !== apiVersion)
    return { status: 404, code: "404", said: `no API version ${url.searchParams.get("api-version")}` };
  return undefined;
}
