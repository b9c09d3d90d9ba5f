import { createRemoteJWKSet, jwtVerify, type RemoteJWKSet } from "jose";
import { z } from "zod";
import { AppError } from "../../../src/errors.ts";
import { CONNECTOR_ISSUER } from "./cloud.ts";
import { awayError } from "./errors.ts";

export interface BearerOptions {
  /** Says where the Connector's keys are. */
  openIdMetadataUrl: string;
  appId: string;
  /** A key that is not in the list is looked for again this long after the list was read. */
  newKeysAfterMs?: number;
}

/** What a token that holds says of the activity that it came with. */
export interface Bearer {
  serviceUrl: unknown;
  /** Whether its key may sign for this channel. */
  mayFor(channelId: string): boolean;
}

/** The Connector's list of keys is to be read again after a day. */
const KEYS_FOR_MS = 24 * 60 * 60_000;
const NEW_KEYS_AFTER_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;
const SKEW_SECONDS = 300;
const ALGORITHMS = ["RS256", "RS384", "RS512"];

/** What is wrong with a token, and not with the way to the keys. */
const NOT_THEIRS = new Set([
  "ERR_JWT_EXPIRED",
  "ERR_JWT_CLAIM_VALIDATION_FAILED",
  "ERR_JWT_INVALID",
  "ERR_JWS_INVALID",
  "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  "ERR_JWKS_NO_MATCHING_KEY",
  "ERR_JOSE_ALG_NOT_ALLOWED",
  "ERR_JOSE_NOT_SUPPORTED",
]);

const Metadata = z.object({ jwks_uri: z.url() });
/** Beside what every JWK has: the channels that it may sign for. None means all of them. */
interface ConnectorKey {
  kid?: string;
  endorsements?: unknown;
}

/**
 * Checks the token of a request: one of the Bot Connector's keys has signed it, for this app and for now. Throws
 * AppError `not-authenticated`, or `vendor-unavailable` where the keys cannot be read.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function createBearerCheck(options: BearerOptions) {
  const { openIdMetadataUrl, appId, newKeysAfterMs = NEW_KEYS_AFTER_MS } = options;
  let known: { keys: Promise<RemoteJWKSet>; until: number } | undefined;

  function keys(): Promise<RemoteJWKSet> {
    const now = performance.now();
    if (known && now < known.until) return known.keys;
    const found = { keys: discover(openIdMetadataUrl, newKeysAfterMs), until: now + KEYS_FOR_MS };
    known = found;
    found.keys.catch(() => {
      if (known === found) known = undefined;
    });
    return found.keys;
  }

  return async (authorization: string): Promise<Bearer> => {
    const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
    if (token === undefined) throw notFromTeams();
    const expected = { issuer: CONNECTOR_ISSUER, audience: appId, algorithms: ALGORITHMS, requiredClaims: ["exp"] };
    try {
      const set = await keys();
      const { payload, protectedHeader } = await jwtVerify(token, set, { ...expected, clockTolerance: SKEW_SECONDS });
      const list = (set.jwks()?.keys ?? []) as ConnectorKey[];
      const endorsed = list.find(({ kid }) => kid === protectedHeader.kid)?.endorsements;
      return {
        serviceUrl: payload.serviceurl,
        mayFor: (channelId) => !Array.isArray(endorsed) || endorsed.length === 0 || endorsed.includes(channelId),
      };
    } catch (error) {
      const { code, name } = error as { code?: string; name: string };
      if (code !== undefined && NOT_THEIRS.has(code)) throw notFromTeams(error);
      if (error instanceof AppError) throw error;
      // Nobody is let in because the keys cannot be read; Teams delivers again.
      throw awayError("list of keys", code ?? name, error);
    }
  };
}

async function discover(url: string, cooldownDuration: number): Promise<RemoteJWKSet> {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (!response.ok) throw awayError("list of keys", `HTTP ${response.status}`);
  const { jwks_uri } = Metadata.parse(await response.json());
  return createRemoteJWKSet(new URL(jwks_uri), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    timeoutDuration: REQUEST_TIMEOUT_MS,
    cooldownDuration,
  });
}

export function notFromTeams(cause?: unknown): AppError {
  return new AppError({
    code: "not-authenticated",
    summary: "This request does not carry a token of the Bot Connector for this app.",
    hint: "Check MUSTER_TEAMS_APP_ID, and the clock of this machine.",
    cause,
  });
}
