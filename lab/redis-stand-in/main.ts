import { childConfig } from "../child.ts";
import { loadConfiguration } from "./config.ts";
import { createInstance } from "./instance.ts";
import { createRedisServer } from "./server.ts";

/**
 * Stands where redis-server is not installed: the commands that Muster, the pods and the lab use, with Redis's
 * replication offsets, refusals and files. It says `redis_mode:stand-in`, and so does whatever shows its figures.
 */
const { path } = childConfig<{ region: string; path: string }>(({ region }) => `muster-lab redis-stand-in ${region}`);
const config = loadConfiguration(path);
const instance = createInstance(config);

process.on("SIGTERM", () => process.exit(0));
createRedisServer(instance).listen(Number(config.get("port")), "127.0.0.1");
