import { childConfig } from "./child.ts";

/**
 * Ends what the world left behind. redis-server knows nothing of the world, and a stopped (SIGSTOP) process
 * cannot notice that the world is gone; this process can, also after kill -9 of the world.
 */
export type ReaperOrder = { add: number } | { remove: number };

const pids = new Set<number>();

process.on("message", (order: ReaperOrder) => {
  if ("add" in order) pids.add(order.add);
  else pids.delete(order.remove);
});

process.on("disconnect", () => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
});

// Registers its own disconnect handler, which exits, after the one above.
childConfig(() => "muster-lab reaper");
