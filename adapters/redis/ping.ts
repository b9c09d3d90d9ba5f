import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { defineProbe, type Probe } from "../../src/ports.ts";
import { ownFaultOf } from "../looking.ts";
import type { RedisConnections } from "./connections.ts";
import { targetFields } from "./target.ts";

const Input = z.strictObject({ url: targetFields.url, passwordFrom: targetFields.passwordFrom });

export function createPing(connections: RedisConnections): Probe {
  return defineProbe<z.infer<typeof Input>>({
    id: "redis.ping",
    summary: "The Redis answers PING",
    input: Input,
    async run(input, limits) {
      const startedAt = performance.now();
      const latencyMs = () => Math.round(performance.now() - startedAt);
      try {
        await connections.use(input, limits, (redis) => redis.ping());
        return { ok: true, latencyMs: latencyMs(), detail: "PONG" };
      } catch (error) {
        const detail = error instanceof AppError ? error.summary.replace(/^Redis at \S+ (.*)\.$/, "$1") : "no answer";
        const ownFault = ownFaultOf(error);
        return { ok: false, latencyMs: latencyMs(), detail, ...(ownFault !== undefined && { ownFault }) };
      }
    },
  });
}
