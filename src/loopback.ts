import { BlockList, isIPv6 } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** Can this address be reached from this machine only? */
export function isLoopback(host: string): boolean {
  return host === "localhost" || loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}
