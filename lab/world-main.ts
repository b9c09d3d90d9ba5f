import { reportError } from "../src/errors.ts";
import { worldOptions } from "./world/options.ts";
import { startWorld } from "./world/world.ts";

/** The lab's world: started by lab/start.ts, detached, so that it outlives the server and the terminal. */
process.title = "muster-lab world";
// The terminal or the log that it was started from may be gone.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

try {
  const world = await startWorld(worldOptions(process.argv.slice(2), process.env), () => process.exit(0));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void world.stop());
} catch (error) {
  const { code, summary, hint } = reportError(error);
  if (code === "internal") console.error(error);
  console.error(JSON.stringify({ code, summary, hint }));
  process.exit(1);
}
