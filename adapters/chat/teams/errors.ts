import { AppError, type AppErrorOptions } from "../../../src/errors.ts";
import { retryAfterMs, throttled } from "../../retry-after.ts";

type Mapped = Pick<AppErrorOptions, "code" | "summary" | "hint" | "retryable">;

/** When Teams names no time. */
const DEFAULT_RETRY_MS = 10_000;

const HINTS: Record<string, string> = {
  BotNotInConversationRoster: "Add the app to the team that MUSTER_TEAMS_CHANNEL is in.",
  ConversationNotFound: "Check MUSTER_TEAMS_CHANNEL: it is the channel's own link.",
  BotDisabledByAdmin: "An administrator has blocked the app: let it be allowed in the Teams admin center.",
  ForbiddenOperationException: "The person must add the app for themselves: Apps, Muster, Add.",
  MessageWritesBlocked: "The channel takes no messages from bots, or the person has blocked the app.",
};

/** What the SDK throws: the answer's status, headers and text, or a network error's code. */
interface Failed {
  statusCode?: number;
  code?: string;
  name?: string;
  response?: { headers?: Headers; bodyAsText?: string | null };
}
type Headers = Parameters<typeof retryAfterMs>[0];

/**
 * The Connector's answer in our words; whether trying again can help is decided here once.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 */
export function teamsError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { statusCode, code, name, response } = (error ?? {}) as Failed;
  if (name === "AbortError") return error;
  if (statusCode === undefined) return code === undefined ? error : awayError("Teams", code, error);
  const word = wordOf(response?.bodyAsText);
  if (statusCode === 429) return throttledError(response?.headers, error);
  if (statusCode === 412 || statusCode >= 500) return awayError("Teams", word || `HTTP ${statusCode}`, error);
  return new AppError({ ...refusal(statusCode, word), cause: error });
}

export function throttledError(headers: Headers | undefined, cause?: unknown): AppError {
  return throttled("Teams", (headers && retryAfterMs(headers)) ?? DEFAULT_RETRY_MS, cause);
}

export function awayError(what: string, reason: string, cause?: unknown): AppError {
  const summary = `${what === "Teams" ? "Teams" : `Microsoft's ${what}`} does not answer (${reason}).`;
  const hint = "The control room and the CLI go on.";
  return new AppError({ code: "vendor-unavailable", summary, hint, retryable: true, cause });
}

function refusal(status: number, word: string): Mapped {
  if (word === "ActivityNotFoundInConversation")
    return { code: "not-found", summary: `The message is not in Teams any more (${word}).`, hint: "" };
  if (status === 400 || status === 413) {
    const hint = "This is a fault in Muster; please report it.";
    return { code: "bad-input", summary: `Teams does not take the form of this message (${word || status}).`, hint };
  }
  if (status === 401) {
    const hint = "Check MUSTER_TEAMS_APP_ID and MUSTER_TEAMS_APP_PASSWORD against the bot's registration.";
    return { code: "vendor-rejected", summary: "Teams does not accept the app's token.", hint, retryable: false };
  }
  const hint = HINTS[word] ?? "Check that the app is installed in the team and for the person; see docs/teams.md.";
  return { code: "vendor-rejected", summary: `Teams refuses: ${word || `HTTP ${status}`}.`, hint, retryable: false };
}

function wordOf(text: string | null | undefined): string {
  try {
    return String((JSON.parse(text ?? "") as { error?: { code?: unknown } }).error?.code ?? "");
  } catch {
    return "";
  }
}
