import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { useRedis } from "../helpers/use-redis.ts";

const PROGRAM = join(import.meta.dirname, "..", "fixtures", "exhausted.ts");
const { start } = useRedis();

it("a look that never left this machine, for want of a descriptor, says so and blames nobody", async () => {
  const redis = await start();
  const server = createServer((_, res) => res.end("{}")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const limited = [`ulimit -n 200; exec "$@"`, "sh", process.execPath, PROGRAM, url, redis.url];
  const { stdout } = await promisify(execFile)("sh", ["-c", ...limited]).finally(() => server.close());
  const ownFault = "too many open files here";
  expect(JSON.parse(stdout)).toEqual([
    [{ ok: true }, { ok: true }],
    [
      { ok: false, ownFault },
      { ok: false, ownFault },
    ],
  ]);
});
