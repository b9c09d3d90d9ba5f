import { readdir, readFile, readlink } from "node:fs/promises";

/**
 * Which of these processes has an end of a connection at that local TCP port? As Linux tells it; none where there is
 * no /proc. On a machine with thousands of sockets it takes some tenths of a second, in which this process goes on.
 */
export async function ownerOf(port: number, pids: number[]): Promise<number | undefined> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => readFile(`/proc/net/${table}`, "utf8").catch(() => "")),
  );
  const inodes = tables.flatMap((table) =>
    table
      .split("\n")
      .filter((line) => line.includes(wanted))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local]) => local?.endsWith(wanted))
      .map((columns) => `socket:[${columns[9]}]`),
  );
  for (const pid of pids) {
    const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
    // One that was closed meanwhile has no link any more.
    const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => "")));
    if (links.some((link) => inodes.includes(link))) return pid;
  }
  return undefined;
}
