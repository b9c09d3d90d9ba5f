/**
 * The one error that people see. `code` is what programs match, `summary` says what failed and on which
 * resource, `hint` says what to do next. `retryable` is decided once, where the error was first understood.
 */
export type ErrorCode =
  // the caller's request
  | "unknown-command"
  | "bad-input"
  | "unknown-region"
  | "unknown-run"
  | "unknown-step"
  | "unknown-approval"
  | "unknown-incident"
  | "unknown-principal"
  | "not-authenticated"
  | "not-allowed"
  | "too-large"
  | "rate-limited"
  | "not-found"
  // the state of things forbids it
  | "already-active"
  | "target-unhealthy"
  | "target-quarantined"
  | "readiness-blocked"
  | "no-healthy-region"
  | "last-capacity"
  | "locked"
  | "jurisdiction"
  | "run-in-progress"
  | "no-longer-asked"
  | "nothing-to-fail-back"
  | "nothing-to-roll-back"
  | "past-no-return"
  | "wrong-state"
  | "already-decided"
  | "requester-excluded"
  | "acceptance-missing"
  | "approval-closed"
  // a step
  | "step-blocked"
  | "step-timeout"
  | "step-unknown"
  | "step-unverified"
  | "envelope-left"
  | "vendor-rejected"
  | "vendor-unavailable"
  | "vendor-conflict"
  | "vendor-throttled"
  | "error-rate"
  // this installation
  | "plan-invalid"
  | "config-invalid"
  | "port-in-use"
  | "store-locked"
  | "store-damaged"
  | "store-diverged"
  | "store-unavailable"
  | "store-full"
  | "fenced"
  | "server-unreachable"
  | "internal";

export interface AppErrorOptions {
  code: ErrorCode;
  summary: string;
  hint?: string;
  retryable?: boolean;
  /** How long the other side asked to be left alone, where it said so. */
  retryAfterMs?: number;
  cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor({ code, summary, hint = "", retryable = false, retryAfterMs, cause }: AppErrorOptions) {
    super(summary, cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.code = code;
    this.summary = summary;
    this.hint = hint;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What of an error may be journaled, sent to a client or shown: never the cause, which may hold secrets. */
export interface ErrorReport {
  code: ErrorCode;
  summary: string;
  hint: string;
  retryable: boolean;
}

export function reportError(error: unknown): ErrorReport {
  if (error instanceof AppError) {
    const { code, summary, hint, retryable } = error;
    return { code, summary, hint, retryable };
  }
  return {
    code: "internal",
    summary: "Something went wrong inside Muster.",
    hint: "The log line with this moment's error says more; please report it.",
    retryable: false,
  };
}
