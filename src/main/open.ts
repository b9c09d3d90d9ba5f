import { createAdapters } from "../../adapters/index.ts";
import type { Config } from "../config.ts";
import { loadPlan } from "../plans/load.ts";
import type { Plan } from "../plans/plan.ts";
import type { Registry } from "../ports.ts";

export function openAdapters({ requestTimeoutMs, secret, kubeconfigPath }: Config) {
  return createAdapters({ requestTimeoutMs, secret, ...(kubeconfigPath !== undefined && { kubeconfigPath }) });
}

export function readPlan({ planPath: path, varsPath }: Config, registry: Registry): Promise<Plan> {
  return loadPlan({ path, registry, ...(varsPath && { varsPath }) });
}
