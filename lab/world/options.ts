import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_DATA } from "../defaults.ts";

/** The one place where the world reads its arguments and environment. */
export interface WorldOptions {
  data: string;
  /** `stand-in` uses it also where redis-server is installed. */
  redis: string | undefined;
  podReadyMs: number;
  propagationMs: number;
  writesPerSecond: number;
  /** The world ends when nobody has said for this long that they still use it. */
  idleMs: number;
}

export function worldOptions(argv: string[], env: NodeJS.ProcessEnv): WorldOptions {
  const { values } = parseArgs({ args: argv, options: { data: { type: "string" } } });
  return {
    data: resolve(values.data ?? env.MUSTER_DATA ?? DEFAULT_DATA),
    redis: env.MUSTER_LAB_REDIS,
    podReadyMs: count(env.MUSTER_LAB_POD_READY_MS, 300),
    propagationMs: count(env.MUSTER_LAB_PROPAGATION_MS, 500),
    writesPerSecond: Math.max(1, count(env.MUSTER_LAB_WRITES_PER_SECOND, 40)),
    idleMs: count(env.MUSTER_LAB_IDLE_MS, 600_000),
  };
}

function count(text: string | undefined, otherwise: number): number {
  const number = Number(text);
  return text === undefined || text === "" || !Number.isFinite(number) || number < 0 ? otherwise : number;
}
