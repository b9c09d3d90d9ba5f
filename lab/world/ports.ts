import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

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
