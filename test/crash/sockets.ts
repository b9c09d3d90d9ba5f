import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Is this local TCP port an end of a connection of that process? As Linux tells it; false where there is no /proc. */
export function hasPort(pid: number, port: number): boolean {
  try {
    const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const inodes = ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local]) => local?.endsWith(wanted))
        .map((columns) => `socket:[${columns[9]}]`),
    );
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return "";
  }
}
