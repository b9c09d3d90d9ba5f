import type { Card } from "../cards/card.ts";
import type { StatusView } from "../cards/status-view.ts";
import type { WireEvent } from "../commands/wire.ts";
import { AppError, type ErrorReport } from "../errors.ts";

export interface WireAnswer {
  command: string;
  data: unknown;
  card: Card;
}

export interface Client {
  call(name: string, input: unknown): Promise<WireAnswer>;
  /** Events after a sequence; without one, from the ten latest on. */
  journal(query: Record<string, unknown>): Promise<WireEvent[]>;
  /** The sequence of the latest event. */
  head(): Promise<number>;
  /** The bytes of a backup as they come; whoever reads them checks that they are whole. */
  backup(): Promise<AsyncIterable<Uint8Array>>;
  /** Hands the journal of a local run to the server. */
  importOffline(transcript: string): Promise<WireAnswer>;
}

/** Long enough for a readiness check of a whole plan, short enough to notice that nobody answers. */
const REQUEST_TIMEOUT_MS = 60_000;
/** For a journal of many years over a slow line. */
const BACKUP_TIMEOUT_MS = 3_600_000;

/** Speaks to the server; throws AppError only, `server-unreachable` when there is none. */
export function createClient(url: string, token: string, fetcher: typeof fetch = fetch): Client {
  const base = readUrl(url);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const send = (path: string, init: RequestInit, timeoutMs: number) =>
    fetcher(new URL(path, base), { ...init, headers, signal: AbortSignal.timeout(timeoutMs) }).catch(
      (error: unknown) => {
        throw unreachable(url, error);
      },
    );
  const request = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await send(path, init, REQUEST_TIMEOUT_MS);
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body;
    throw isReport(body) ? new AppError(body) : strange(url, response.status);
  };
  const call = async (name: string, input: unknown): Promise<WireAnswer> => {
    const init = { method: "POST", body: JSON.stringify(input) };
    return (await request(`/api/v1/commands/${name.replaceAll(" ", "-")}`, init)) as WireAnswer;
  };
  return {
    call,
    head: async () => ((await call("status", {})).data as StatusView).seq,
    journal: async (query) => {
      const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
      const search = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
      return (await request(`/api/v1/journal?${search}`)) as WireEvent[];
    },
    importOffline: async (transcript) =>
      (await request("/api/v1/offline-journals", { method: "POST", body: transcript })) as WireAnswer,
    async backup() {
      const response = await send("/api/v1/backup", {}, BACKUP_TIMEOUT_MS);
      if (response.ok && response.body) return response.body;
      const body: unknown = await response.json().catch(() => undefined);
      throw isReport(body) ? new AppError(body) : strange(url, response.status);
    },
  };
}

function readUrl(url: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  const hint = "An example: http://127.0.0.1:4646";
  throw new AppError({ code: "bad-input", summary: `"${url.slice(0, 200)}" is not a server's address.`, hint });
}

function unreachable(url: string, cause: unknown): AppError {
  const slow = cause instanceof DOMException && cause.name === "TimeoutError";
  return new AppError({
    code: "server-unreachable",
    summary: slow
      ? `Muster at ${url} did not answer within ${REQUEST_TIMEOUT_MS / 1000} s.`
      : `Muster is not running at ${url}.`,
    hint: "Start it with `npm start`, or name another with --url. `dr status --data .muster` reads the journal without a server.",
    retryable: true,
    cause,
  });
}

function strange(url: string, status: number): AppError {
  const hint = "Is it Muster that listens there? Look at --url and MUSTER_URL.";
  return new AppError({
    code: "server-unreachable",
    summary: `${url} answered with ${status} and nothing that Muster would say.`,
    hint,
  });
}

function isReport(body: unknown): body is ErrorReport {
  return typeof body === "object" && body !== null && "code" in body && "summary" in body && "hint" in body;
}
