import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { REGIONS } from "./definition.ts";
import type { LabRegion } from "./region.ts";
import type { ApiFault, WorldState } from "./state.ts";

const codes = REGIONS.map(({ code }) => code);
const region = z.enum(codes as [string, ...string[]], { error: `region must be one of ${codes.join(", ")}` });
const milliseconds = z.number().int().min(0).max(60_000);
const apis = ["route53", ...codes.map((code) => `kubernetes:${code}`)];
const api = z.enum(apis as [string, ...string[]], { error: `api must be one of ${apis.join(", ")}` });
const mode = z.enum(["unavailable", "hang", "throttle"]);

export const FaultOrder = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.enum(["kill", "restore", "freeze", "thaw", "partition", "heal"]), region }),
    z.strictObject({ kind: z.literal("slow"), region, delayMs: milliseconds }),
    z.strictObject({ kind: z.literal("replication-lag"), region, lagMs: milliseconds }),
    z.strictObject({ kind: z.literal("break-api"), api, mode }),
    z.strictObject({ kind: z.literal("mend-api"), api }),
  ],
  {
    error:
      "kind must be one of kill, restore, freeze, thaw, partition, heal, slow, replication-lag, break-api, mend-api",
  },
);
export type FaultOrder = z.infer<typeof FaultOrder>;

export function parseFault(body: unknown): FaultOrder {
  const parsed = FaultOrder.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new AppError({
    code: "bad-input",
    summary: `This is not a fault that the lab knows: ${problems.join("; ")}.`,
    hint: 'For example { "kind": "kill", "region": "us-east-1" }.',
  });
}

export interface FaultTargets {
  state: WorldState;
  regions: Map<string, LabRegion>;
  setApiFault(api: string, mode: ApiFault | undefined): void;
  onChange(): void;
}

/** Does to the world what was ordered; an order that changes nothing is none. Answers whether something changed. */
export async function applyFault(order: FaultOrder, targets: FaultTargets): Promise<boolean> {
  if (order.kind === "break-api" || order.kind === "mend-api") {
    const wanted = order.kind === "break-api" ? order.mode : undefined;
    if (targets.state.apiFaults[order.api] === wanted) return false;
    if (wanted) targets.state.apiFaults[order.api] = wanted;
    else delete targets.state.apiFaults[order.api];
    targets.setApiFault(order.api, wanted);
    targets.onChange();
    return true;
  }
  const one = targets.regions.get(order.region)!;
  switch (order.kind) {
    case "kill":
      return change(!one.state.killed, one.kill);
    case "restore":
      return change(one.state.killed, one.restore);
    case "freeze":
      if (one.state.killed) throw killed(order.region);
      return change(!one.state.frozen, one.freeze);
    case "thaw":
      return change(one.state.frozen, one.thaw);
    case "partition":
    case "heal":
      return changeNetwork(one, { partitioned: order.kind === "partition" }, targets);
    case "slow":
      return changeNetwork(one, { slowMs: order.delayMs }, targets);
    case "replication-lag":
      return changeNetwork(one, { replicationLagMs: order.lagMs }, targets);
  }
}

async function change(needed: boolean, act: () => void | Promise<void>): Promise<boolean> {
  if (needed) await act();
  return needed;
}

function changeNetwork(
  one: LabRegion,
  wanted: Partial<LabRegion["state"]>,
  { regions, onChange }: FaultTargets,
): boolean {
  const before = JSON.stringify(one.state);
  Object.assign(one.state, wanted);
  if (JSON.stringify(one.state) === before) return false;
  for (const region of regions.values()) region.networkChanged();
  onChange();
  return true;
}

function killed(code: string): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `Nothing runs in ${code}: it is killed.`,
    hint: `Restore it first: { "kind": "restore", "region": "${code}" }.`,
  });
}
