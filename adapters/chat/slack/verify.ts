import { createHmac, timingSafeEqual } from "node:crypto";

export interface SlackRequest {
  /** As they came; names in lower case. */
  headers: { get(name: string): string | null };
  /** The raw bytes, before anything has parsed them. */
  body: string;
}

const WINDOW_SECONDS = 300;
const VERSION = "v0";

/**
 * Is this request from Slack, and of now? The window is looked at in both directions: a timestamp from the future
 * would otherwise let a recorded request be kept for later. https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function isFromSlack({ headers, body }: SlackRequest, signingSecret: string, nowMs: number): boolean {
  const timestamp = headers.get("x-slack-request-timestamp") ?? "";
  const signature = headers.get("x-slack-signature") ?? "";
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > WINDOW_SECONDS) return false;
  const wanted = `${VERSION}=${createHmac("sha256", signingSecret).update(`${VERSION}:${timestamp}:${body}`).digest("hex")}`;
  const given = Buffer.from(signature);
  return given.length === wanted.length && timingSafeEqual(given, Buffer.from(wanted));
}
