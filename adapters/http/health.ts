import { z } from "zod";
import { defineProbe, type Probe, type ProbeResult } from "../../src/ports.ts";
import { type Limits, ownFaultOf } from "../looking.ts";
import { type Answer, describeNoAnswer, get } from "./get.ts";

export const HttpUrl = z.url({ protocol: /^https?$/, error: "write an http or https address" });

const Input = z.strictObject({ url: HttpUrl.describe("Address that answers 2xx while it is healthy") });

/** What health endpoints may tell beyond their status code; everything else in the body is ignored. */
const Body = z.object({
  status: z.string().optional().catch(undefined),
  ready: z.number().optional().catch(undefined),
  desired: z.number().optional().catch(undefined),
});

/** Looks once at a health endpoint. Never throws: no answer is an answer. */
export async function lookAtHealth(url: string, limits: Limits): Promise<ProbeResult> {
  const startedAt = performance.now();
  try {
    const answer = await get(url, limits);
    return { ...judge(answer), latencyMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    const latencyMs = Math.round(performance.now() - startedAt);
    const ownFault = ownFaultOf(error);
    return { ok: false, latencyMs, detail: describeNoAnswer(error), ...(ownFault !== undefined && { ownFault }) };
  }
}

export function createHealth(): Probe {
  return defineProbe<z.infer<typeof Input>>({
    id: "http.health",
    summary: "The address answers 2xx; a body with `status: degraded` makes it degraded",
    input: Input,
    run: ({ url }, limits) => lookAtHealth(url, limits),
  });
}

function judge({ status, body }: Answer): Omit<ProbeResult, "latencyMs"> {
  const told = Body.safeParse(parse(body)).data;
  const counts = told?.ready !== undefined && told.desired !== undefined ? `, ${told.ready}/${told.desired} ready` : "";
  const ok = status >= 200 && status < 300;
  const degraded = ok && told?.status === "degraded";
  return { ok, detail: `HTTP ${status}${counts}${degraded ? ", degraded" : ""}`, ...(degraded && { degraded }) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
