import { randomUUID } from "node:crypto";
import { readBody, sendJson } from "../http.ts";
import { type HttpsServer, listenHttps } from "./https.ts";

export interface AuthorityOptions {
  tls: { key: string; cert: string };
  tenantId: string;
  clientId: string;
  secret: string;
}

export interface Authority extends HttpsServer {
  /** From now on it takes requests and answers none. */
  hang(): void;
  /** Scopes for which tokens were given out, oldest first. */
  issued: string[];
  /** For what a token holds; undefined for one that nobody gave out. */
  scopeOf(authorization: string | undefined): string | undefined;
}

const MAX_BODY_BYTES = 100_000;

const EXPIRES_IN_SECONDS = 3_600;

/** The part of Entra ID that signs an application in by its secret; refuses what Entra ID refuses. */
export async function startAuthority(options: AuthorityOptions): Promise<Authority> {
  const { tls, tenantId, clientId, secret } = options;
  const tokens = new Map<string, string>();
  const issued: string[] = [];
  let hangs = false;
  const server = await listenHttps(tls, async (req, res) => {
    if (hangs) return;
    const url = new URL(req.url ?? "/", server.url);
    if (url.pathname === `/${tenantId}/v2.0/.well-known/openid-configuration`) {
      sendJson(res, 200, {
        issuer: `${server.url}/${tenantId}/v2.0`,
        authorization_endpoint: `${server.url}/${tenantId}/oauth2/v2.0/authorize`,
        token_endpoint: `${server.url}/${tenantId}/oauth2/v2.0/token`,
        jwks_uri: `${server.url}/${tenantId}/discovery/v2.0/keys`,
      });
      return;
    }
    if (url.pathname !== `/${tenantId}/oauth2/v2.0/token` || req.method !== "POST") {
      sendJson(res, 404, { error: "not_found" });
      return;
    }
    const form = new URLSearchParams((await readBody(req, MAX_BODY_BYTES)).toString("utf8"));
    const scope = (form.get("scope") ?? "").split(" ").find((one) => one.endsWith("/.default"));
    if (form.get("client_id") !== clientId || form.get("client_secret") !== secret) {
      const said = "AADSTS7000215: Invalid client secret provided.";
      sendJson(res, 401, { error: "invalid_client", error_description: said, error_codes: [7000215] });
    } else if (form.get("grant_type") !== "client_credentials" || !scope) {
      sendJson(res, 400, { error: "invalid_request", error_description: "AADSTS900144", error_codes: [900144] });
    } else {
      const token = randomUUID();
      tokens.set(token, scope);
      issued.push(scope);
      sendJson(res, 200, { token_type: "Bearer", expires_in: EXPIRES_IN_SECONDS, access_token: token });
    }
  });
  return {
    ...server,
    issued,
    hang() {
      hangs = true;
    },
    scopeOf: (authorization) => tokens.get(/^Bearer (.+)$/u.exec(authorization ?? "")?.[1] ?? ""),
  };
}
