import Table from "cli-table3";
import type { Verification } from "./traffic/verify.ts";
import type { ClassStats, TrafficStats } from "./world/traffic.ts";
import type { LabState, RegionView } from "./world/view.ts";

/** What `npm run lab` shows people; programs ask for `--json`. */
export function showState({ regions, primary, redis, effective, apiFaults }: LabState): string {
  const table = plainTable("Region", "Is", "Redis", "Pods ready", "Share of DNS");
  const weights = effective.flatMap(({ setIdentifier: of, weight }) =>
    of === undefined || weight === undefined ? [] : [{ of, weight }],
  );
  const all = weights.reduce((sum, { weight }) => sum + weight, 0);
  for (const region of regions) {
    const { code, pods } = region;
    const own = weights.find(({ of }) => of.includes(code));
    const share = own && all > 0 ? `${Math.round((100 * own.weight) / all)} %` : "none";
    table.push([code, conditions(region), roleOf(region), `${ready(pods)} of ${pods.length}`, share]);
  }
  const broken = Object.entries(apiFaults).map(([api, mode]) => `The API ${api} is broken: ${mode}.`);
  return [`${table}`, `What the Redis of ${primary} takes is what counts. (${redis.label})`, ...broken].join("\n");
}

export function showTraffic({ classes, last, last10Seconds, outages, ratePerSecond }: TrafficStats): string {
  const table = plainTable("Clients", "How many", "Acknowledged", "Failed", "Failed in the last minute");
  const row = (name: string, { clients, acknowledged, failed, seconds }: ClassStats) =>
    table.push([name, clients, acknowledged, failed, seconds.reduce((sum, one) => sum + one.failed, 0)]);
  row("ask DNS again", classes["ttl-honouring"]);
  row("keep their address", classes.sticky);
  const served = Object.entries(last10Seconds.byRegion).map(([region, count]) => `${count} in ${region}`);
  const lines = outages.slice(-MOST_OUTAGES).map(({ lastGoodAt, firstGoodAt, seconds, failures }) => {
    const until = firstGoodAt === undefined ? "goes on" : `until ${clock(firstGoodAt)}`;
    return `Outage of ${seconds.toFixed(1)} s from ${clock(lastGoodAt)} UTC, ${until}; ${failures} requests failed.`;
  });
  return [
    `${table}`,
    `Together they send ${ratePerSecond} requests a second. In the last ten seconds: ${served.join(", ") || "no good answer"}.`,
    last ? `The last record, ${last.record}, was taken by the Redis of ${last.primary}.` : "Nothing was taken yet.",
    ...lines,
  ].join("\n");
}

export function showVerification({ primary, acknowledged, lost, splitBrain }: Verification): string {
  const table = plainTable("Acknowledged records of the last minutes", "How many", "When");
  table.push([`Looked for in the Redis of ${primary}`, acknowledged, ""]);
  table.push(["Lost", lost.count, lost.count === 0 ? "" : `${spanOf(lost)} (${lost.spanSeconds.toFixed(1)} s)`]);
  table.push(["Taken by a Redis that was primary no more", splitBrain.count, spanOf(splitBrain)]);
  table.push(["and not there now", splitBrain.missing, ""]);
  return `${table}`;
}

const MOST_OUTAGES = 5;

function plainTable(...head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

function conditions({ killed, frozen, partitioned, slowMs, replicationLagMs }: RegionView): string {
  const found = [
    killed && "killed",
    frozen && "frozen",
    partitioned && "cut off",
    slowMs > 0 && `slow by ${slowMs} ms`,
    replicationLagMs > 0 && `its copies ${replicationLagMs} ms behind`,
  ].filter((one) => one !== false);
  return found.join(", ") || "up";
}

function roleOf({ redis }: RegionView): string {
  return redis.role === "replica" && redis.linkUp === false ? "replica, link down" : redis.role;
}

function ready(pods: RegionView["pods"]): number {
  return pods.filter((pod) => pod.ready).length;
}

function spanOf({ firstAt, lastAt }: { firstAt?: string; lastAt?: string }): string {
  return firstAt === undefined ? "" : `${clock(firstAt)} to ${clock(lastAt ?? firstAt)} UTC`;
}

function clock(instant: string): string {
  return instant.slice(11, 19);
}
