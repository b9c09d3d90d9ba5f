import type { Registry } from "../ports.ts";
import { checkPlan } from "./check.ts";
import type { Plan } from "./plan.ts";
import { FileError } from "./problem.ts";
import { readBounded } from "./read-bounded.ts";

export interface PlanFiles {
  path: string;
  /** Values of this installation, laid over the plan's `vars`. */
  varsPath?: string | undefined;
  registry: Registry;
}

/** Reads, checks and resolves a plan. Throws AppError `plan-invalid` (a FileError with every problem when it can be read). */
export async function loadPlan({ path, varsPath, registry }: PlanFiles): Promise<Plan> {
  const text = await read(path, "plan file", "MUSTER_PLAN");
  const vars =
    varsPath === undefined ? undefined : { file: varsPath, text: await read(varsPath, "vars file", "MUSTER_VARS") };
  const { plan, problems } = checkPlan(text, { file: path, vars, registry });
  if (plan) return plan;
  throw new FileError("plan-invalid", path, problems);
}

function read(path: string, what: string, variable: string): Promise<string> {
  return readBounded(path, { what, code: "plan-invalid", hint: `${variable} says which ${what} to use.` });
}
