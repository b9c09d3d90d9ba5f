import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";
import { portInUse } from "../http.ts";
import type { WorldState } from "./state.ts";

/** Below what operating systems hand out for outgoing connections, so that a kept port is not taken by chance. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 500;

/** `count` different free ports on loopback. */
export async function pickPorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  for (let attempt = 0; held.length < count; attempt++) {
    if (attempt === ATTEMPTS) throw new Error("There are not enough free ports on this machine.");
    const port = randomInt(LOWEST, HIGHEST);
    const server = await tryListen(port);
    if (server) held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return held.map(({ port }) => port);
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
