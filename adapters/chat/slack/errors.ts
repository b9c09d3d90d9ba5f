import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { AppError, type AppErrorOptions } from "../../../src/errors.ts";
import { throttled } from "../../retry-after.ts";

type Mapped = Pick<AppErrorOptions, "code" | "summary" | "hint" | "retryable">;

const GONE = new Set(["message_not_found", "cant_update_message", "thread_not_found"]);
const OURS = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_too_long",
  "msg_blocks_too_long",
  "invalid_arguments",
  "no_text",
  "metadata_too_large",
]);
const PASSING = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
]);

/** What a person must do; the word is Slack's. */
const HINTS: Record<string, string> = {
  not_in_channel: "Invite the bot: /invite @Muster in that channel.",
  channel_not_found: "Check MUSTER_SLACK_CHANNEL, and invite the bot to that channel.",
  is_archived: "Unarchive the channel, or name another one in MUSTER_SLACK_CHANNEL.",
  restricted_action: "An administrator has restricted posting there: let the bot post.",
  missing_scope: "Install the app again from manifest/slack/manifest.json, which asks for every scope.",
  invalid_auth: "Set MUSTER_SLACK_BOT_TOKEN to the app's bot token (xoxb-…).",
  not_authed: "Set MUSTER_SLACK_BOT_TOKEN to the app's bot token (xoxb-…).",
  too_many_pins: "The channel holds as many pins as Slack allows: take some off.",
  account_inactive: "The app was removed from the workspace: install it again.",
  token_revoked: "The token was revoked: install the app again and set the new one.",
  token_expired: "The token ran out: set a new one.",
};

/** Slack's answer in our words; decided here once whether trying again can help. */
export function slackError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof WebAPIRateLimitedError) return throttled("Slack", error.retryAfter * 1_000, error);
  if (error instanceof WebAPIPlatformError) return new AppError({ ...platform(error.data.error), cause: error });
  if (error instanceof WebAPIHTTPError) return new AppError({ ...away(`HTTP ${error.statusCode}`), cause: error });
  if (error instanceof WebAPIRequestError) return new AppError({ ...away(reasonOf(error.original)), cause: error });
  return error;
}

function platform(word: string): Mapped {
  if (GONE.has(word))
    return { code: "not-found", summary: `The message is not in Slack any more (${word}).`, hint: "" };
  if (OURS.has(word)) {
    const hint = "This is a fault in Muster; please report it.";
    return { code: "bad-input", summary: `Slack does not take the form of this message (${word}).`, hint };
  }
  if (PASSING.has(word)) return away(word);
  const hint = HINTS[word] ?? `See what Slack says of "${word}": https://docs.slack.dev/reference/methods`;
  return { code: "vendor-rejected", summary: `Slack refuses: ${word}.`, hint, retryable: false };
}

function away(reason: string): Mapped {
  const summary = `Slack does not answer (${reason}).`;
  return { code: "vendor-unavailable", summary, hint: "The control room and the CLI go on.", retryable: true };
}

function reasonOf(error: Error): string {
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  return code ?? cause?.code ?? error.name;
}
