import { parseArgs } from "node:util";
import ms, { type StringValue } from "ms";
import { AppError } from "../../src/errors.ts";

export const FAULTS = ["kill", "freeze", "partition", "route53-away"] as const;
export type Fault = (typeof FAULTS)[number];

export const WAYS = ["http", "slack", "teams"] as const;
export type Way = (typeof WAYS)[number];

export interface RehearsalOptions {
  fault: Fault;
  /** How late the replica gets what the primary writes. */
  lagMs: number;
  /** Where people decide: over the HTTP API, or by the buttons of an emulated Slack or Teams. */
  through: Way;
  json: boolean;
  /** Keeps the data directory, for looking at afterwards. */
  keep: boolean;
}

const USAGE = `npm run rehearse -- [--fault ${FAULTS.join("|")}] [--lag 200ms] [--through ${WAYS.join("|")}] [--json] [--keep]`;

export function readOptions(argv: string[]): RehearsalOptions {
  const { fault = "kill", lag = "0ms", through = "http", json = false, keep = false } = parse(argv);
  if (!FAULTS.includes(fault as Fault)) throw usage(`There is no fault "${fault}".`);
  if (!WAYS.includes(through as Way)) throw usage(`People cannot decide through "${through}".`);
  const lagMs = ms(lag as StringValue);
  if (!Number.isFinite(lagMs) || lagMs < 0 || lagMs > 5_000) throw usage(`"${lag}" is not a lag from 0ms to 5s.`);
  return { fault: fault as Fault, lagMs, through: through as Way, json, keep };
}

function parse(argv: string[]): { fault?: string; lag?: string; through?: string; json?: boolean; keep?: boolean } {
  try {
    const options = {
      fault: { type: "string" },
      lag: { type: "string" },
      through: { type: "string" },
      json: { type: "boolean" },
      keep: { type: "boolean" },
    } as const;
    return parseArgs({ args: argv, options }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(summary: string): AppError {
  return new AppError({ code: "bad-input", summary, hint: USAGE });
}
