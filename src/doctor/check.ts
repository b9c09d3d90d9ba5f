import { AppError, reportError } from "../errors.ts";
import { sentence } from "../format.ts";

/** What was found about one thing that Muster needs. */
export interface Finding {
  /** `off`: not configured, and nothing is wrong with that. */
  state: "ok" | "warning" | "failed" | "off";
  /** What was seen, in one sentence. */
  said: string;
  /** What to do about it. */
  fix?: string;
}

export interface Check {
  /** "store", "people", "slack", "us-east-1": what findings are grouped by. */
  area: string;
  name: string;
  /** Reads, and writes nothing anywhere. What it throws becomes a failed finding. */
  run(signal: AbortSignal): Promise<Finding>;
}

export type Checked = Omit<Check, "run"> & Finding;

const LONGEST_MS = 10_000;

/** All at once, each within its time; in the order in which they were given. */
export async function runChecks(checks: readonly Check[], longestMs = LONGEST_MS): Promise<Checked[]> {
  return await Promise.all(
    checks.map(async ({ area, name, run }) => {
      const late = AbortSignal.timeout(longestMs);
      const finding = await Promise.race([run(late), lateFinding(late, longestMs)]).catch(failed);
      return { area, name, ...finding };
    }),
  );
}

function lateFinding(signal: AbortSignal, longestMs: number): Promise<Finding> {
  const said = `No answer within ${longestMs / 1_000} s.`;
  const fix = "Check the address, and that this machine may reach it.";
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve({ state: "failed", said, fix }), { once: true }),
  );
}

function failed(error: unknown): Finding {
  if (!(error instanceof AppError)) {
    return { state: "failed", said: sentence(error instanceof Error ? error.message : String(error)) };
  }
  const { summary, hint } = reportError(error);
  return { state: "failed", said: sentence(summary), ...(hint !== "" && { fix: hint }) };
}
