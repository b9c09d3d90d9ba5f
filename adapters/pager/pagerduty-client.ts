import { api, event } from "@pagerduty/pdjs";
import type { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { awayError, refusal } from "./pagerduty-errors.ts";

export interface PagerDutyOptions {
  /** Integration key of a service's Events API v2. */
  routingKey: string;
  /** For on-call, notes and escalations; pages go without it. */
  apiToken?: string;
  /** The user of the account in whose name notes are written. */
  from?: string;
  /** Escalation policies and schedules whose on-calls are shown, by id. */
  policies: readonly string[];
  schedules: readonly string[];
  /** Host, and port where it is not 443: `events.eu.pagerduty.com`. */
  eventsServer?: string;
  apiUrl?: string;
  requestTimeoutMs: number;
  /** Between the attempts that the client makes of its own when it is told that too much is asked. */
  throttlePauseMs?: number;
}

type EventData = Parameters<typeof event>[0]["data"];
/** What an acknowledgement needs; the client's types ask for the payload of a page. */
export type EventBody = Omit<EventData, "routing_key" | "payload"> &
  Partial<Pick<EventData, "payload">> & { client?: string; client_url?: string };

interface RestRequest<T> {
  path: string;
  answer: z.ZodType<T>;
  method?: "GET" | "POST" | "PUT";
  query?: Record<string, string | string[]>;
  data?: object;
  signal: AbortSignal;
}

const EVENTS_SERVER = "events.pagerduty.com";
const API_URL = "https://api.pagerduty.com";
const LARGEST_ANSWER_BYTES = 2_000_000;

/**
 * The vendor's client, one attempt a call. Left to itself it waits without end for an answer, asks three times more,
 * 20 s apart, when it is told that it asks too much, and never when the other side is in trouble: attempts are the
 * delivery's business here.
 */
export function createPagerDutyClient(options: PagerDutyOptions) {
  const { routingKey, apiToken, from, requestTimeoutMs, eventsServer = EVENTS_SERVER, apiUrl = API_URL } = options;
  const base = apiUrl.replace(/\/+$/, "");
  const shared = {
    // Those of the client measure nothing, and keep the process alive.
    requestTimeout: 0,
    retryTimeout: options.throttlePauseMs ?? 1_000,
    redirect: "error" as const,
    size: LARGEST_ANSWER_BYTES,
  };

  async function within<T extends { status: number }>(
    signal: AbortSignal,
    call: (both: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const late = AbortSignal.timeout(requestTimeoutMs);
    try {
      return await call(AbortSignal.any([signal, late]));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (late.aborted) throw awayError("no answer in time", error);
      // Of an answer that is no JSON the client gives the answer itself.
      if (isAnswer(error)) throw refusal(error.status, error.headers, undefined);
      const { type } = error as { type?: string };
      throw awayError(type === "invalid-json" ? "an answer of another form" : "no connection", error);
    }
  }

  return {
    async event(data: EventBody, signal: AbortSignal): Promise<void> {
      const body = { ...data, routing_key: routingKey } as EventData;
      const answer = await within(signal, (both) =>
        event({ ...shared, server: eventsServer, data: body, signal: both }),
      );
      if (answer.status !== 202) throw refusal(answer.status, answer.headers, answer.data);
    },

    /** Throws AppError `vendor-rejected` where there is no token. */
    async rest<T>({ path, answer, method = "GET", query, data, signal }: RestRequest<T>): Promise<T> {
      if (apiToken === undefined) throw noToken();
      const response = await within(signal, (both) =>
        api({
          ...shared,
          token: apiToken,
          url: `${base}/${path}`,
          method,
          signal: both,
          ...(query && { queryParameters: query }),
          ...(data && { data }),
          ...(from !== undefined && { headers: { From: from } }),
        }),
      );
      if (response.status >= 300) throw refusal(response.status, response.headers, response.data);
      const parsed = answer.safeParse(response.data);
      if (parsed.success) return parsed.data;
      throw awayError(`an answer of another form to ${method} ${path.split("/")[0]}`);
    },
  };
}

export type PagerDutyClient = ReturnType<typeof createPagerDutyClient>;

function isAnswer(error: unknown): error is Response {
  return typeof error === "object" && error !== null && "status" in error && "headers" in error;
}

function noToken(): AppError {
  return new AppError({
    code: "vendor-rejected",
    summary: "PagerDuty is only known as a place that pages are sent to.",
    hint: "Set MUSTER_PAGERDUTY_API_TOKEN (docs/communication.md).",
  });
}
