import { readFile, stat } from "node:fs/promises";
import { AppError } from "../errors.ts";
import type { Registry } from "../ports.ts";
import { checkPlan } from "./check.ts";
import type { Plan } from "./plan.ts";
import { FileError } from "./problem.ts";
import { largestFileBytes } from "./source.ts";

export interface PlanFiles {
  path: string;
  /** Values of this installation, laid over the plan's `vars`. */
  varsPath?: string | undefined;
  registry: Registry;
}

/** Reads, checks and resolves a plan. Throws AppError `plan-invalid` (a FileError with every problem when it can be read). */
export async function loadPlan({ path, varsPath, registry }: PlanFiles): Promise<Plan> {
  const text = await readBounded(path, "plan file", "MUSTER_PLAN");
  const vars =
    varsPath === undefined
      ? undefined
      : { file: varsPath, text: await readBounded(varsPath, "vars file", "MUSTER_VARS") };
  const { plan, problems } = checkPlan(text, { file: path, vars, registry });
  if (plan) return plan;
  throw new FileError("plan-invalid", path, problems);
}

async function readBounded(path: string, what: string, variable: string): Promise<string> {
  const refuse = (summary: string, cause?: unknown) =>
    new AppError({ code: "plan-invalid", summary, hint: `${variable} says which ${what} to use.`, cause });
  const found = await stat(path).catch((cause: unknown) => {
    throw refuse(`There is no ${what} ${path}.`, cause);
  });
  if (!found.isFile()) throw refuse(`${path} is not a file.`);
  if (found.size > largestFileBytes) throw refuse(`${path} is larger than ${largestFileBytes / 1024} KiB.`);
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw refuse(`The ${what} ${path} cannot be read.`, cause);
  });
}
