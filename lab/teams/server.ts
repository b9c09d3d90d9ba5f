import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listenWith, readBody, sendJson } from "../http.ts";
import { createMethods, Refusal } from "./connector.ts";
import { createState, TENANT, type TeamsState } from "./state.ts";
import { createSigner, type Forgery, ISSUER } from "./tokens.ts";

export interface TeamsServerOptions {
  /** Who is in the tenant, by name. */
  people: readonly string[];
  port?: number;
  appId: string;
  appPassword: string;
  /** Where activities are delivered. */
  botUrl: () => string;
}

export type Trouble = "away" | "throttled" | "rejected" | 412 | 502;

export interface Delivered {
  status: number;
  /** What an invoke was answered with. */
  body: Record<string, unknown>;
}

export interface TeamsServer {
  /** Stands for Entra, the Connector, its metadata and Graph. */
  url: string;
  state: TeamsState;
  botId: string;
  serviceUrl: string;
  /** Every call, as `POST /connector/v3/…`. */
  calls: string[];
  /** Breaks calls to the Connector. */
  trouble: Trouble | undefined;
  /** The team's owner has not let the app read the channel through Graph. */
  graphForbidden: boolean;
  /** The next post is kept, and the connection breaks before its answer. */
  loseNextAnswer: boolean;
  /** Runs when a call has taken effect and nobody has been told. */
  beforeAnswer: ((method: string, activity: Record<string, unknown>) => Promise<void>) | undefined;
  deliver(activity: Record<string, unknown>, forgery?: Forgery | "none"): Promise<Delivered>;
  /** The last delivery once more, as Teams does when it saw no answer. */
  redeliver(): Promise<Delivered>;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** Teams gives an invoke up after so long. */
const ANSWER_WITHIN_MS = 15_000;
const RETRY_AFTER_SECONDS = 2;

/** A stateful Teams on loopback, as much of it as a bot meets. */
export async function startTeamsServer(options: TeamsServerOptions): Promise<TeamsServer> {
  const { appId, appPassword, botUrl } = options;
  const state = createState(options.people);
  const signer = createSigner(appId);
  const botId = `28:${appId}`;
  const methods = createMethods(state, botId);
  const tokens = new Map<string, string>();
  let last: Record<string, unknown> | undefined;

  const { server, port } = await listenWith(
    (req, res) => void answer(req, res).catch(() => res.destroy()),
    options.port ?? 0,
    "Teams",
  );
  const url = `http://127.0.0.1:${port}`;

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req, MAX_BODY_BYTES);
    const { pathname, searchParams } = new URL(req.url ?? "/", url);
    teams.calls.push(`${req.method} ${pathname}`);
    const [area, ...rest] = pathname.slice(1).split("/").map(decodeURIComponent);
    if (area === "login") return signIn(rest, new URLSearchParams(body.toString()), res);
    if (pathname === "/v1/.well-known/openidconfiguration")
      return sendJson(res, 200, { issuer: ISSUER, jwks_uri: `${url}/v1/.well-known/keys` });
    if (pathname === "/v1/.well-known/keys") return sendJson(res, 200, signer.keys);
    const scope = tokens.get(req.headers.authorization?.replace("Bearer ", "") ?? "");
    try {
      if (area === "graph") return graph(scope, rest, Number(searchParams.get("$skiptoken") ?? 0), res);
      if (area !== "connector") throw new Refusal(404, "NotFound");
      if (scope !== "https://api.botframework.com/.default") throw new Refusal(401, "Unauthorized");
      return await connector(req.method ?? "", rest, body, res);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sendJson(res, error.status, { error: { code: error.message, message: error.message } });
    }
  }

  function signIn([tenant]: string[], form: URLSearchParams, res: ServerResponse): void {
    const isApp = form.get("client_id") === appId && form.get("client_secret") === appPassword && tenant === TENANT;
    if (!isApp || form.get("grant_type") !== "client_credentials") {
      sendJson(res, 401, { error: "invalid_client", error_description: "AADSTS7000215" });
      return;
    }
    const token = randomUUID();
    tokens.set(token, form.get("scope") ?? "");
    sendJson(res, 200, { token_type: "Bearer", expires_in: 3_599, access_token: token });
  }

  function graph(scope: string | undefined, path: string[], skip: number, res: ServerResponse): void {
    if (scope !== "https://graph.microsoft.com/.default") throw new Refusal(401, "InvalidAuthenticationToken");
    if (teams.graphForbidden) throw new Refusal(403, "Forbidden");
    const [version, resource, team = "", , channel = "", , root, replies] = path;
    if (version !== "v1.0" || resource !== "teams") throw new Refusal(404, "NotFound");
    if ((root === undefined) !== (replies === undefined)) throw new Refusal(400, "BadRequest");
    const { value, next } = methods.history(team, channel, root, skip);
    const link = `${url}/graph/${path.map(encodeURIComponent).join("/")}?$top=50&$skiptoken=${next}`;
    sendJson(res, 200, { value, ...(next !== undefined && { "@odata.nextLink": link }) });
  }

  async function connector(method: string, path: string[], body: Buffer, res: ServerResponse): Promise<void> {
    if (teams.trouble === "away") return void res.destroy();
    if (teams.trouble === "throttled") {
      res.setHeader("retry-after", String(RETRY_AFTER_SECONDS));
      sendJson(res, 429, { error: { code: "Throttled" } });
      return;
    }
    if (teams.trouble === "rejected") throw new Refusal(403, "BotNotInConversationRoster");
    if (teams.trouble !== undefined) throw new Refusal(teams.trouble, "ServiceError");
    const [version, resource, conversation = "", activities, id] = path;
    const activity = JSON.parse(body.toString() || "{}") as Record<string, unknown>;
    if (version !== "v3" || resource !== "conversations") throw new Refusal(404, "NotFound");
    const result = change(method, { conversation, activities, id, activity });
    if (method === "POST" && teams.loseNextAnswer) {
      teams.loseNextAnswer = false;
      return void res.destroy();
    }
    await teams.beforeAnswer?.(method, activity);
    sendJson(res, method === "POST" ? 201 : 200, result);
  }

  function change(
    method: string,
    asked: {
      conversation: string;
      activities: string | undefined;
      id: string | undefined;
      activity: Record<string, unknown>;
    },
  ): { id: string } {
    const { conversation, activities, id, activity } = asked;
    if (method === "POST" && activities === undefined) return methods.create(activity);
    if (method === "POST" && activities === "activities" && id === undefined)
      return methods.send(conversation, activity);
    if (method === "PUT" && activities === "activities" && id !== undefined)
      return methods.update(conversation, id, activity);
    throw new Refusal(405, "MethodNotAllowed");
  }

  async function send(activity: Record<string, unknown>, forgery?: Forgery | "none"): Promise<Delivered> {
    const token = forgery === "none" ? undefined : signer.sign(teams.serviceUrl, forgery);
    const response = await fetch(botUrl(), {
      method: "POST",
      body: JSON.stringify(activity),
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  const teams: TeamsServer = {
    url,
    state,
    botId,
    serviceUrl: `${url}/connector/`,
    calls: [],
    trouble: undefined,
    graphForbidden: false,
    loseNextAnswer: false,
    beforeAnswer: undefined,
    async deliver(activity, forgery) {
      last = activity;
      return await send(activity, forgery);
    },
    async redeliver() {
      if (!last) throw new Error("nothing was delivered yet");
      return await send(last);
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return teams;
}
