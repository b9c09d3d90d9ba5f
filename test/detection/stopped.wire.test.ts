import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const WATCHER = join(import.meta.dirname, "watcher.ts");
const TIMES = { intervalMs: 300, timeoutMs: 600, downAfter: 3, healthyAfter: 2 };
/** A third of the timeout: well, and slower than the watcher is awake. */
const ANSWER_MS = 200;
const AWAKE_MS = 100;
const STOPPED_MS = 1.5 * TIMES.timeoutMs;

describe("a process that watches over two regions", () => {
  let directory: string;
  let regions: Server[];
  let child: ChildProcess;
  let said: { kind: string; data: { region?: string; to?: string } }[];
  let log: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "muster-watcher-"));
    regions = await Promise.all([startRegion(), startRegion()]);
    const urls = regions.map((region) => `http://127.0.0.1:${(region.address() as AddressInfo).port}/`);
    child = spawn(process.execPath, [WATCHER, directory, ...urls, JSON.stringify(TIMES)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    said = [];
    log = "";
    createInterface({ input: child.stdout! }).on("line", (line) => said.push(JSON.parse(line)));
    child.stderr?.on("data", (chunk) => {
      log += chunk;
    });
  });
  afterEach(async () => {
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    for (const region of regions) end(region);
    rmSync(directory, { recursive: true, force: true });
  });

  const verdictsOf = (region: string) =>
    said.filter(({ kind, data }) => kind === "verdict.changed" && data.region === region).map(({ data }) => data.to);

  it("opens no incident because it was stopped again and again, and one when a region dies", async () => {
    await expect
      .poll(() => [verdictsOf("east"), verdictsOf("west")], { message: log })
      .toEqual([["healthy"], ["healthy"]]);
    for (let stops = 0; stops < 6; stops++) {
      child.kill("SIGSTOP");
      await sleep(STOPPED_MS);
      child.kill("SIGCONT");
      await sleep(AWAKE_MS);
    }
    // Time for whatever it has concluded to be written.
    await sleep(2 * TIMES.intervalMs);
    expect(said.filter(({ kind }) => kind === "incident.opened")).toEqual([]);
    expect([...verdictsOf("east"), ...verdictsOf("west")]).toEqual(["healthy", "healthy"]);
    expect(log).toContain("a failed look does not count");
    const [east] = regions;
    if (east) end(east);
    await expect.poll(() => said.some(({ kind }) => kind === "incident.opened"), { message: log }).toBe(true);
    expect(verdictsOf("east")).toEqual(["healthy", "down"]);
  });
});

async function startRegion(): Promise<Server> {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end(JSON.stringify({ status: "ok" })), ANSWER_MS);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function end(server: Server): void {
  server.closeAllConnections();
  server.close();
}
