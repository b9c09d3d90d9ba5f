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
const NOT_THEIRS = new Set([
  "JsonWebTokenError",
  "TokenExpiredError",
  "NotBeforeError",
  "SyntaxError",
  // The SDK's own error has no name of its own, but a status.
]);

/**
 * The activity of a request that the Bot Connector has signed, for this app, for our tenant and of now; throws
 * AppError else. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export async function verifiedActivity(request: Request, options: VerifyOptions): Promise<InActivity> {
  const authorization = request.headers.get("authorization") ?? "";
  // What is no token at all is not worth a look at the body.
  if (!/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(authorization)) throw notFromTeams();
  const activity = InActivity.safeParse(await request.json().catch(() => undefined)).data;
  // The SDK has other ways in, for other channels; none of them is ours.
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
    const { claimsIdentity } = await authentication.authenticateRequest(activity as never, authorization);
    // A token of the app's own would pass as the emulator's.
    if (claimsIdentity.getClaimValue("iss") !== CONNECTOR_ISSUER) throw notFromTeams();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { name, statusCode } = error as { name: string; statusCode?: number };
    if (NOT_THEIRS.has(name) || statusCode === 401) throw notFromTeams(error);
    // Nobody is let in because the keys cannot be read; Teams delivers again.
    throw awayError("list of keys", name, error);
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
