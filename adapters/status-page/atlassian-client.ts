import { setTimeout as timer } from "node:timers/promises";
import type { z } from "zod";
import { AppError, type AppErrorOptions } from "../../src/errors.ts";
import { retryAfterMs, throttled } from "../retry-after.ts";

export interface StatuspageOptions {
  pageId: string;
  apiKey: string;
  requestTimeoutMs: number;
  /** Another one than Atlassian's, for trying things out. */
  apiUrl?: string;
  /** Between requests; one a second is what Atlassian allows. */
  paceMs?: number;
  sleep?(ms: number, signal: AbortSignal): Promise<unknown>;
}

const API_URL = "https://api.statuspage.io/v1";
const MOST_TEXT = 200;
/** Limits are counted by the minute. https://developer.statuspage.io/#section/Rate-Limiting */
const THROTTLED_MS = 60_000;

/** Requests to one page, without attempts of its own. The vendor has no client for Node. */
export function createStatuspageClient(options: StatuspageOptions) {
  const { pageId, apiKey, requestTimeoutMs, apiUrl = API_URL, paceMs = 1_100 } = options;
  const { sleep = (ms, signal) => timer(ms, undefined, { signal }) } = options;
  const base = `${apiUrl.replace(/\/+$/, "")}/pages/${encodeURIComponent(pageId)}`;

  async function call<T>(
    method: "GET" | "POST" | "PATCH" | "PUT",
    path: string,
    answer: z.ZodType<T>,
    { signal, body }: { signal: AbortSignal; body?: unknown },
  ): Promise<T> {
    const response = await fetch(`${base}/${path}`, {
      method,
      headers: { authorization: `OAuth ${apiKey}`, "content-type": "application/json" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      redirect: "error",
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new AppError({
        ...away((error as Error).name === "TimeoutError" ? "no answer in time" : "no connection"),
        cause: error,
      });
    });
    const text = await response.text().catch(() => "");
    if (!response.ok) throw refusal(response, text);
    const parsed = answer.safeParse(readJson(text));
    if (parsed.success) return parsed.data;
    throw new AppError(away(`an answer of another form to ${method} ${path.split("?")[0]}`));
  }

  return { call, paceMs, pause: (signal: AbortSignal) => sleep(paceMs, signal) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Atlassian answers 420 as well as 429 when it is asked too often. */
function refusal(response: Response, text: string): AppError {
  const { status } = response;
  const said = clean(text);
  if (status === 420 || status === 429) return throttled("Statuspage", retryAfterMs(response.headers) ?? THROTTLED_MS);
  if (status >= 500 || status === 408) return new AppError(away(`HTTP ${status}`));
  if (status === 401 || status === 403) {
    const summary = `Statuspage does not let us in (HTTP ${status}).`;
    return new AppError({
      code: "vendor-rejected",
      summary,
      hint: "Set MUSTER_STATUSPAGE_API_KEY to a key of that page's account.",
    });
  }
  if (status === 404) {
    const hint = "Check MUSTER_STATUSPAGE_PAGE_ID; an incident may have been deleted there by hand.";
    return new AppError({
      code: "vendor-rejected",
      summary: "Statuspage knows no such page or incident (HTTP 404).",
      hint,
    });
  }
  const hint = "This is a fault in Muster; please report it.";
  return new AppError({ code: "bad-input", summary: `Statuspage does not take this (HTTP ${status}): ${said}`, hint });
}

function away(why: string): AppErrorOptions {
  return {
    code: "vendor-unavailable",
    summary: `Statuspage cannot be reached (${why}).`,
    hint: "See https://metastatuspage.com; it goes on being tried, and /status shows the same.",
    retryable: true,
  };
}

function clean(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, MOST_TEXT);
}
