import { createHmac, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { listenWith, readBody, sendJson } from "../http.ts";
import { createMethods, Refusal } from "./methods.ts";
import { SCOPES } from "./scopes.ts";
import { createState, type ResponseUrl, respond, type SlackState } from "./state.ts";

export interface SlackServerOptions {
  /** Who is in the workspace, by name. */
  people: readonly string[];
  port?: number;
  botToken: string;
  appToken: string;
  signingSecret: string;
  /** Where deliveries go over HTTP; over the socket when absent. */
  requestUrl?: () => string;
}

export type Trouble = "away" | "throttled" | "rejected";

/** What Slack delivers, and how the app answered. */
export interface Delivered {
  /** Milliseconds until it was acknowledged. */
  ackMs: number;
  status: number;
  /** What the acknowledgement carried. */
  answer?: unknown;
}

export interface SlackServer {
  url: string;
  state: SlackState;
  /** Every call of the Web API, by method, with the moment it came. */
  calls: { method: string; at: number }[];
  /** Breaks calls to the channel. */
  trouble: Trouble | undefined;
  /** The next post is kept, and the connection breaks before its answer. */
  loseNextAnswer: boolean;
  /** Waited for between doing what a call asks for and answering it. */
  beforeAnswer: ((method: string, args: Record<string, unknown>) => Promise<void>) | undefined;
  /** Sends an envelope to the app, signed or over the socket. Throws when nothing acknowledges it in time. */
  deliver(type: "slash_commands" | "interactive" | "events_api", payload: Record<string, unknown>): Promise<Delivered>;
  /** The last delivery once more, as Slack does when it saw no acknowledgement. */
  redeliver(): Promise<Delivered>;
  /** Is an app connected over the socket? */
  connected(): boolean;
  /** How often an app has connected so far. */
  connections(): number;
  /** Asks the app to connect anew, as Slack does every few hours. */
  refresh(): void;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;
const ACK_WITHIN_MS = 3_000;
const WRITES = new Set(["chat.postMessage", "chat.update", "chat.postEphemeral"]);
const RETRY_AFTER_SECONDS = 2;
const ANSWERS_OF_A_URL = 5;

/** A stateful Slack on loopback: the Web API, Socket Mode, signed HTTP deliveries, files, response URLs. */
export async function startSlackServer(options: SlackServerOptions): Promise<SlackServer> {
  const state = createState(options.people);
  const sockets = new Set<WebSocket>();
  let connections = 0;
  const waiting = new Map<string, (answer: unknown) => void>();
  const responses = new Map<string, ResponseUrl>();
  let last: Parameters<SlackServer["deliver"]> | undefined;

  const { server, port } = await listenWith(
    (req, res) => void answer(req, res).catch(() => res.destroy()),
    options.port ?? 0,
    "Slack",
  );
  const url = `http://127.0.0.1:${port}`;
  const methods = createMethods(state, () => url);
  const webSockets = new WebSocketServer({ server, path: "/link" });
  webSockets.on("connection", (socket) => {
    sockets.add(socket);
    connections += 1;
    socket.send(
      JSON.stringify({ type: "hello", num_connections: sockets.size, connection_info: { app_id: "A0MUSTER" } }),
    );
    socket.on("message", (data) => {
      const { envelope_id, payload } = JSON.parse(String(data)) as { envelope_id?: string; payload?: unknown };
      if (envelope_id) waiting.get(envelope_id)?.(payload);
    });
    socket.on("close", () => sockets.delete(socket));
  });

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req, MAX_BODY_BYTES);
    const path = new URL(req.url ?? "/", url).pathname;
    if (path.startsWith("/upload/")) {
      const upload = state.uploads.get(path.slice("/upload/".length));
      if (upload) upload.text = uploadedText(body, req.headers["content-type"] ?? "");
      return void res.writeHead(upload ? 200 : 404).end("OK");
    }
    if (path.startsWith("/respond/")) {
      if (slack.trouble === "away") return void res.destroy();
      const taken = respond(state, responses.get(path.slice("/respond/".length)), body.toString());
      return void res.writeHead(taken ? 200 : 404).end(taken ? "ok" : "expired_url");
    }
    const method = path.replace(/^\/api\//, "");
    slack.calls.push({ method, at: Date.now() });
    if (method === "apps.connections.open") {
      const isApp = req.headers.authorization === `Bearer ${options.appToken}`;
      return sendJson(
        res,
        200,
        isApp ? { ok: true, url: `ws://127.0.0.1:${port}/link` } : { ok: false, error: "invalid_auth" },
      );
    }
    const args = readArgs(body, req.headers["content-type"] ?? "");
    const token = req.headers.authorization?.replace("Bearer ", "") ?? args.token;
    if (token !== options.botToken) return sendJson(res, 200, { ok: false, error: "invalid_auth" });
    await call(method, args, res);
  }

  async function call(method: string, args: Record<string, unknown>, res: ServerResponse): Promise<void> {
    if (WRITES.has(method) && slack.trouble === "away") return void res.destroy();
    if (WRITES.has(method) && slack.trouble === "throttled") {
      res.setHeader("retry-after", String(RETRY_AFTER_SECONDS));
      sendJson(res, 429, { ok: false, error: "ratelimited" });
      return;
    }
    if (WRITES.has(method) && slack.trouble === "rejected") {
      sendJson(res, 200, { ok: false, error: "not_in_channel" });
      return;
    }
    const known = methods[method];
    res.setHeader("x-oauth-scopes", [...state.scopes].join(","));
    try {
      if (!known) throw new Refusal("unknown_method");
      if (SCOPES[method]?.some((scope) => !state.scopes.has(scope))) throw new Refusal("missing_scope");
      const result = known(args);
      if (method === "chat.postMessage" && slack.loseNextAnswer) {
        slack.loseNextAnswer = false;
        return void res.destroy();
      }
      await slack.beforeAnswer?.(method, args);
      sendJson(res, 200, { ok: true, ...result });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sendJson(res, 200, { ok: false, error: error.message });
    }
  }

  async function overSocket(type: string, payload: Record<string, unknown>, retry: number): Promise<Delivered> {
    const [socket] = sockets;
    if (!socket) throw new Error("no app is connected to the fake Slack");
    const envelope_id = randomUUID();
    const startedAt = performance.now();
    const acknowledged = new Promise<unknown>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("not acknowledged within 3 s")), ACK_WITHIN_MS);
      waiting.set(envelope_id, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
    });
    const more = retry > 0 ? { retry_attempt: retry, retry_reason: "timeout" } : {};
    socket.send(
      JSON.stringify({ envelope_id, type, payload, accepts_response_payload: type !== "events_api", ...more }),
    );
    const answer = await acknowledged.finally(() => waiting.delete(envelope_id));
    return { ackMs: performance.now() - startedAt, status: 200, answer };
  }

  async function overHttp(
    to: string,
    type: string,
    payload: Record<string, unknown>,
    retry: number,
  ): Promise<Delivered> {
    const isJson = type === "events_api";
    const body = isJson ? JSON.stringify(payload) : formOf(type, payload);
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const startedAt = performance.now();
    const response = await fetch(to, {
      method: "POST",
      body,
      headers: {
        "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": `v0=${createHmac("sha256", options.signingSecret).update(`v0:${timestamp}:${body}`).digest("hex")}`,
        ...(retry > 0 && { "x-slack-retry-num": String(retry), "x-slack-retry-reason": "http_timeout" }),
      },
      signal: AbortSignal.timeout(ACK_WITHIN_MS),
    });
    const text = await response.text();
    const ackMs = performance.now() - startedAt;
    return { ackMs, status: response.status, ...(text.startsWith("{") && { answer: JSON.parse(text) as unknown }) };
  }

  async function send(type: string, payload: Record<string, unknown>, retry: number): Promise<Delivered> {
    const to = options.requestUrl?.();
    return to === undefined ? await overSocket(type, payload, retry) : await overHttp(to, type, payload, retry);
  }

  const slack: SlackServer = {
    url,
    state,
    calls: [],
    trouble: undefined,
    loseNextAnswer: false,
    beforeAnswer: undefined,
    async deliver(type, payload) {
      const answerTo = randomUUID();
      const user = (payload.user_id ?? (payload.user as { id?: string } | undefined)?.id) as string | undefined;
      const { message_ts: ts } = (payload.container ?? {}) as { message_ts?: string };
      if (user) responses.set(answerTo, { user, left: ANSWERS_OF_A_URL, ...(ts !== undefined && { ts }) });
      const full = type === "events_api" ? payload : { ...payload, response_url: `${url}/respond/${answerTo}` };
      last = [type, full];
      return await send(type, full, 0);
    },
    async redeliver() {
      if (!last) throw new Error("nothing was delivered yet");
      return await send(last[0], last[1], 1);
    },
    connected: () => sockets.size > 0,
    connections: () => connections,
    refresh() {
      for (const socket of sockets) socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      webSockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return slack;
}

function readArgs(body: Buffer, contentType: string): Record<string, unknown> {
  if (contentType.includes("application/json")) return JSON.parse(body.toString() || "{}") as Record<string, unknown>;
  return Object.fromEntries(new URLSearchParams(body.toString()));
}

function formOf(type: string, payload: Record<string, unknown>): string {
  if (type === "interactive") return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(
    Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

/** The SDK sends the file as it is, or as the one part of a form. */
function uploadedText(body: Buffer, contentType: string): string {
  const boundary = /boundary=([^;]+)/.exec(contentType)?.[1];
  if (boundary === undefined) return body.toString();
  const text = body.toString();
  const from = text.indexOf("\r\n\r\n") + 4;
  return text.slice(from, text.lastIndexOf(`\r\n--${boundary}`));
}
