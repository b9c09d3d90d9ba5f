import ms, { type StringValue } from "ms";
import { readFlags, usageError } from "../../src/cli/usage.ts";

export const FAULTS = ["kill", "freeze", "partition", "route53-away"] as const;
export type Fault = (typeof FAULTS)[number];

export const WAYS = ["http", "slack", "teams"] as const;
export type Way = (typeof WAYS)[number];

/** Who drafts the documents: a model that writes by rule, none, or one that dies or freezes at its first request. */
export const MODELS = ["scripted", "none", "dies", "freezes"] as const;
export type Model = (typeof MODELS)[number];

export interface RehearsalOptions {
  fault: Fault;
  /** How late the replica gets what the primary writes. */
  lagMs: number;
  /** Where people decide: over the HTTP API, or by the buttons of an emulated Slack or Teams. */
  through: Way;
  model: Model;
  json: boolean;
  /** Keeps the data directory, for looking at afterwards. */
  keep: boolean;
}

export function readOptions(argv: string[]): RehearsalOptions {
  const {
    fault = "kill",
    lag = "0ms",
    through = "http",
    model = "scripted",
    json = false,
    keep = false,
  } = readFlags("rehearse", argv, {
    fault: { type: "string" },
    lag: { type: "string" },
    through: { type: "string" },
    model: { type: "string" },
    json: { type: "boolean" },
    keep: { type: "boolean" },
  }).values;
  if (!FAULTS.includes(fault as Fault)) throw usageError("rehearse", `There is no fault "${fault}".`);
  if (!WAYS.includes(through as Way)) throw usageError("rehearse", `People cannot decide through "${through}".`);
  if (!MODELS.includes(model as Model)) throw usageError("rehearse", `There is no model "${model}".`);
  const lagMs = ms(lag as StringValue);
  if (!Number.isFinite(lagMs) || lagMs < 0 || lagMs > 5_000)
    throw usageError("rehearse", `"${lag}" is not a lag from 0ms to 5s.`);
  return { fault: fault as Fault, lagMs, through: through as Way, model: model as Model, json, keep };
}
