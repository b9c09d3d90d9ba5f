import { resolve } from "node:path";
import type { StatusView } from "../src/cards/status-view.ts";
import { DEFAULT_DATA, DEFAULT_PORT } from "./defaults.ts";
import type { RegionView } from "./world/view.ts";

type Seen = Pick<StatusView, "active" | "home" | "pending" | "runs">;
type Region = Pick<RegionView, "code" | "killed">;

/** What somebody who has just started might do next, as the world and Muster are at this moment. Pure. */
export function suggestions(regions: readonly Region[], status: Seen | undefined): [command: string, what: string][] {
  return [
    ["npm run dr -- status", "what Muster sees"],
    ...(status ? underWay(regions, status) : []),
    ...worldly(regions, status),
  ];
}

function underWay(regions: readonly Region[], { active, home, pending, runs }: Seen): [string, string][] {
  const [question] = pending;
  if (question)
    return [["npm run dr -- pending --as approver-1", `${question.approvalId} waits for people: its evidence`]];
  const [run] = runs;
  if (run) return [[`npm run dr -- why ${run.runId}`, "what the run does, and what it waits for"]];
  if (active !== home) return [["npm run dr -- failback --dry-run", "what it takes to come home"]];
  const target = regions.find(({ code, killed }) => code !== active && !killed);
  return target ? [[`npm run dr -- failover ${target.code} --dry-run`, "what a failover would do"]] : [];
}

function worldly(regions: readonly Region[], status: Seen | undefined): [string, string][] {
  const dead = regions.find(({ killed }) => killed);
  if (dead) return [[`npm run lab -- restore ${dead.code}`, "the dead region comes back"]];
  // Nobody knows which region serves: it would be a guess what dies.
  return status ? [[`npm run lab -- kill ${status.active}`, "a region dies: look at the page"]] : [];
}

/** What another terminal must be told first, unless all is where everybody looks. */
export function elsewhere({ data, port }: { data: string; port: number }): string {
  const names = [
    ...(port === DEFAULT_PORT ? [] : [`MUSTER_PORT=${port}`]),
    ...(data === resolve(DEFAULT_DATA) ? [] : [`MUSTER_DATA=${/[^\w./-]/.test(data) ? `'${data}'` : data}`]),
  ];
  return names.length > 0 ? `, after export ${names.join(" ")}` : "";
}
