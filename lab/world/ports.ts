import { randomInt } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { portInUse } from "../http.ts";
import type { WorldState } from "./state.ts";

/** Below what operating systems hand out for outgoing connections, so that a kept port is not taken by chance. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 500;

/**
 * A file for each port that was picked lately, so that worlds which start side by side do not pick the same one. Each
 * user has a folder: nobody can write into another's.
 */
const PICKED = join(tmpdir(), `muster-ports-${process.getuid?.() ?? "all"}`);
/** Whoever picked it listens by then. */
const PICKED_MS = 60_000;

/** `count` different free ports on loopback, which nobody else is given for a minute. */
export async function pickPorts(count: number, next = () => randomInt(LOWEST, HIGHEST)): Promise<number[]> {
  forgetOld();
  const held: { port: number; server: Server }[] = [];
  for (let attempt = 0; held.length < count; attempt++) {
    if (attempt === ATTEMPTS) throw new Error("There are not enough free ports on this machine.");
    const port = next();
    const server = await tryListen(port);
    if (server && mark(port)) held.push({ port, server });
    else server?.close();
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return held.map(({ port }) => port);
}

function forgetOld(): void {
  try {
    mkdirSync(PICKED, { recursive: true });
    for (const name of readdirSync(PICKED)) {
      const path = join(PICKED, name);
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
      if (mtimeMs !== undefined && Date.now() - mtimeMs > PICKED_MS) rmSync(path, { force: true });
    }
  } catch {
    // No folder, or not ours: ports are picked as if nobody else did.
  }
}

function mark(port: number): boolean {
  try {
    writeFileSync(join(PICKED, `${port}`), "", { flag: "wx" });
    return true;
  } catch (error) {
    // Where nothing can be marked, a port is picked as if nobody else did.
    return (error as NodeJS.ErrnoException).code !== "EEXIST";
  }
}

function tryListen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

export async function isFree(port: number): Promise<boolean> {
  const server = await tryListen(port);
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

const LEAVING_MS = 2000;

/** Throws AppError `port-in-use`. A world that was killed a moment ago may still be leaving its ports. */
export async function keptPortsAreFree({ ports, regions }: WorldState): Promise<void> {
  const wanted = [
    ...Object.entries(ports).map(([name, port]) => ({ what: name, port })),
    ...regions.flatMap(({ code, ports: of }) =>
      Object.entries(of).map(([name, port]) => ({ what: `${name} of ${code}`, port })),
    ),
  ];
  const deadline = performance.now() + LEAVING_MS;
  for (const { what, port } of wanted) {
    while (!(await isFree(port))) {
      if (performance.now() > deadline) throw portInUse(port, what);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
