import type { ConfigurationBotFrameworkAuthentication } from "botbuilder";
import { AppError } from "../../../src/errors.ts";
import { InActivity } from "./activity.ts";
import { type Bearer, notFromTeams } from "./bearer.ts";
import { awayError } from "./errors.ts";

export interface VerifyOptions {
  bearer(authorization: string): Promise<Bearer>;
  authentication: ConfigurationBotFrameworkAuthentication;
  tenantId: string;
}

const CHANNEL = "msteams";
/** What the SDK throws for a token that does not hold; it answers some of them with 500 when it is left to itself. */
const NOT_THEIRS = new Set(["JsonWebTokenError", "TokenExpiredError", "NotBeforeError", "SyntaxError"]);

/**
 * The activity of a request that the Bot Connector has signed, for this app, for our tenant and of now; throws
 * AppError else. The SDK sees only tokens that hold: it lets those of other issuers in by other ways, an emulator's
 * or a skill's, and writes about a bad one to the process's stderr.
 */
export async function verifiedActivity(request: Request, options: VerifyOptions): Promise<InActivity> {
  const authorization = request.headers.get("authorization") ?? "";
  const { serviceUrl, mayFor } = await options.bearer(authorization);
  const activity = InActivity.safeParse(await request.json().catch(() => undefined)).data;
  if (activity === undefined) throw notAnActivity();
  // Other channels are verified in other ways.
  if (activity.channelId !== CHANNEL || !mayFor(CHANNEL)) throw notFromTeams(new Error("another channel"));
  if (activity.serviceUrl !== serviceUrl) throw notFromTeams(new Error("another service's address"));
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
    throw awayError("list of keys", name, error);
  }
}

function notAnActivity(): AppError {
  return new AppError({
    code: "bad-input",
    summary: "The body is not an activity of Teams.",
    hint: "Let the Bot Connector itself call this address, unchanged by what stands between (docs/teams.md).",
  });
}

function anotherTenant(): AppError {
  return new AppError({
    code: "not-allowed",
    summary: "This comes from another tenant.",
    hint: "The tenant is the one that the link in MUSTER_TEAMS_CHANNEL names.",
  });
}
