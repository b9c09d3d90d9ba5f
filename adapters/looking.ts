import { AppError, type ErrorCode } from "../src/errors.ts";
import type { ActionContext, Assessment } from "../src/ports.ts";

/** What every call to a vendor is bound by: the step's own end, and the time that one request may take. */
export interface Limits {
  signal: AbortSignal;
  timeoutMs: number;
}

/** Ends at the step's end or when the time of one request is over, whichever comes first. */
export function deadline({ signal, timeoutMs }: Limits): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}

export function limitsOf(context: ActionContext): Limits {
  return { signal: context.signal, timeoutMs: context.requestTimeoutMs };
}

/** Settles with the promise or rejects at the abort, for clients that do not pass their signal everywhere. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => {});
  if (signal.aborted) throw signal.reason;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits, or rejects with the signal's reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const wait = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return untilAborted(wait, signal).finally(() => clearTimeout(timer));
}

/** An answer that did not come, whoever gave up first: our deadline or the client's own. */
export function isNoAnswer(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

/** What this process or its machine has run out of: then nobody was asked. */
const OWN_FAULTS: Record<string, string> = {
  EMFILE: "too many open files here",
  ENFILE: "too many open files on this machine",
  ENOBUFS: "no buffer for a connection here",
  EADDRNOTAVAIL: "no free port for a connection here",
};

/** Why a look never left this machine; undefined where that is not what the error says. */
export function ownFaultOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const fault = OWN_FAULTS[code];
  return fault ?? (error instanceof Error && error.cause !== undefined ? ownFaultOf(error.cause) : undefined);
}

/** Errors that mean "not seen" while assessing; every other error is a bug or bad input and goes up. */
const UNSEEN: readonly ErrorCode[] = [
  "vendor-unavailable",
  "vendor-throttled",
  "vendor-rejected",
  "vendor-conflict",
  "config-invalid",
];

/** Runs a look at the world and turns whatever kept it from seeing into `unknown`, with the reason for people. */
export async function look<Seen>(
  context: ActionContext,
  read: (limits: Limits) => Promise<Assessment<Seen>>,
): Promise<Assessment<Seen>> {
  try {
    return await read(limitsOf(context));
  } catch (error) {
    if (context.signal.aborted) return { state: "unknown", reason: "the look was stopped before there was an answer" };
    if (error instanceof AppError && UNSEEN.includes(error.code))
      return { state: "unknown", reason: error.summary, ...(error.retryable && { retryable: true }) };
    throw error;
  }
}
