import { AppError } from "../../src/errors.ts";
import { signInFailure } from "../azure/credential.ts";
import { retryAfterMs } from "../retry-after.ts";

/** As much of the vendor's error as is read: its class is not the same in every one of its packages. */
interface RestError {
  statusCode?: number;
  code?: string;
  response?: { headers: { get(name: string): string | undefined } };
}

/** What Azure Monitor answered, in words, once. What a query found fault with is not repeated: it may hold data. */
export function monitorError(what: string, error: unknown, signal: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  const of = `Azure Monitor, asked for ${what},`;
  if (signal.aborted) return unavailable(`${of} did not answer in time.`, error);
  const signIn = signInFailure(error);
  if (signIn === "unavailable")
    return unavailable("Entra ID did not answer when Muster signed in to Azure Monitor.", error);
  if (signIn === "refused") {
    const summary = "Muster could not sign in to Azure Monitor.";
    return rejected(summary, "Check signIn in the monitor file, and its secret; `muster doctor` asks again.", error);
  }
  const { statusCode: status, code, response } = error as RestError;
  if (status === 429) return throttled(of, response, error);
  // Before anything is sent the client looks at what it was given itself.
  if (status === undefined && (error as Error).name !== "RestError")
    return rejected(`${of} was not asked: the client refuses the question.`, HINT, error);
  if (status === undefined) return unavailable(`${of} cannot be reached.`, error);
  if (status === 408 || status >= 500) return unavailable(`${of} answered HTTP ${status}.`, error);
  const said = code === undefined ? "" : `, ${code.slice(0, 60)}`;
  return rejected(`${of} answered HTTP ${status}${said}.`, HINTS[status] ?? HINT, error);
}

const HINT = "Compare the question in the monitor file with what the vendor's portal takes.";
const HINTS: Record<number, string> = {
  400: "Try the question's query in the vendor's portal: it is not one that runs.",
  401: "Check signIn in the monitor file.",
  403: "Give Muster's identity the role Log Analytics Reader or Monitoring Reader there, and no more.",
  404: "Check the workspace or resource of the question in the monitor file.",
};

function throttled(of: string, response: RestError["response"], cause: unknown): AppError {
  const waitMs = response && retryAfterMs(response.headers);
  return new AppError({
    code: "vendor-throttled",
    summary: `${of} asks to wait (HTTP 429).`,
    hint: "Ask again a little later.",
    retryable: true,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    cause,
  });
}

function unavailable(summary: string, cause: unknown): AppError {
  const hint = "Ask again, or look into the vendor's portal.";
  return new AppError({ code: "vendor-unavailable", summary, hint, retryable: true, cause });
}

function rejected(summary: string, hint: string, cause: unknown): AppError {
  return new AppError({ code: "vendor-rejected", summary, hint, cause });
}
