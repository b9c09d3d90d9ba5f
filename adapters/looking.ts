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
    if (error instanceof AppError && UNSEEN.includes(error.code)) return { state: "unknown", reason: error.summary };
    throw error;
  }
}
