import type { ConfigurationBotFrameworkAuthentication } from "botbuilder";
import { AppError } from "../../../src/errors.ts";
import { InActivity } from "./activity.ts";
import { CONNECTOR_ISSUER } from "./cloud.ts";
import { awayError } from "./errors.ts";

export interface VerifyOptions {
  authentication: ConfigurationBotFrameworkAuthentication;
  tenantId: string;
}

/** What the SDK throws for a token that does not hold; it answers some of them with 500 when it is left to itself. */
const NOT_THEIRS = new Set(["JsonWebTokenError", "TokenExpiredError", "NotBeforeError", "SyntaxError"]);

/**
 * The activity of a request that the Bot Connector has signed, for this app, for our tenant and of now; throws
 * AppError else. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export async function verifiedActivity(request: Request, options: VerifyOptions): Promise<InActivity> {
  const authorization = request.headers.get("authorization") ?? "";
  // The SDK lets tokens of other issuers in by other ways, an emulator's or a skill's; none of them is ours.
  if (issuerOf(authorization) !== CONNECTOR_ISSUER) throw notFromTeams();
  const activity = InActivity.safeParse(await request.json().catch(() => undefined)).data;
  // Other channels are verified in other ways.
  if (activity === undefined || activity.channelId !== "msteams") throw notAnActivity();
  await checkToken(activity, authorization, options.authentication);
  const { conversation, channelData } = activity;
  const tenants = [conversation.tenantId, channelData?.tenant?.id].filter((id) => id !== undefined);
  if (tenants.length === 0 || tenants.some((id) => id !== options.tenantId)) throw anotherTenant();
  return activity;
}

async function checkToken(
  activity: InActivity,
  authorization: string,
  authentication: ConfigurationBotFrameworkAuthentication,
): Promise<void> {
  try {
    await authentication.authenticateRequest(activity as never, authorization);
  } catch (error) {
    const { name, statusCode } = error as { name: string; statusCode?: number };
    if (NOT_THEIRS.has(name) || statusCode === 401) throw notFromTeams(error);
    // Nobody is let in because the keys cannot be read; Teams delivers again.
    throw awayError("list of keys", name, error);
  }
}

/** Whom a token names as its issuer, whether or not it is true. */
function issuerOf(authorization: string): unknown {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization)?.[1] ?? "";
  try {
    return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { iss?: unknown } | null)?.iss;
  } catch {
    return undefined;
  }
}

function notFromTeams(cause?: unknown): AppError {
  return new AppError({
    code: "not-authenticated",
    summary: "This request does not carry a token of the Bot Connector for this app.",
    hint: "Check MUSTER_TEAMS_APP_ID, and the clock of this machine.",
    cause,
  });
}

function notAnActivity(): AppError {
  return new AppError({ code: "not-authenticated", summary: "The body is not an activity of Teams." });
}

function anotherTenant(): AppError {
  return new AppError({
    code: "not-allowed",
    summary: "This comes from another tenant.",
    hint: "The tenant is the one that the link in MUSTER_TEAMS_CHANNEL names.",
  });
}
