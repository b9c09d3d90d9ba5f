import { pickPorts } from "../../lab/world/ports.ts";

/** For a process that is told its port: what systems give to servers and connections of other tests is never one of these. */
export async function freePort(): Promise<number> {
  const [port] = (await pickPorts(1)) as [number];
  return port;
}
