import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { deadline, isNoAnswer, type Limits, ownFaultOf } from "../looking.ts";

export interface Answer {
  status: number;
  /** At most `MAX_BODY_BYTES` of it; the rest is not read. */
  body: string;
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * One GET on a connection of its own: a kept one would go on speaking to the region that a name used to mean.
 * Redirects are not followed. Rejects when there is no whole answer within the limits.
 */
export function get(url: string, limits: Limits): Promise<Answer> {
  const request = new URL(url).protocol === "https:" ? requestHttps : requestHttp;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(url, { agent: false, signal: deadline(limits), headers: { "User-Agent": "muster" } });
  outgoing.on("error", reject);
  outgoing.on("response", (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
    response.on("error", reject);
    response.on("end", done);
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, MAX_BODY_BYTES - size));
      size += chunk.length;
      if (size < MAX_BODY_BYTES) return;
      done();
      outgoing.destroy();
    });
  });
  outgoing.end();
  return promise;
}

/** Why there was no answer, in a few words: "connect refused", "no answer in time". */
export function describeNoAnswer(error: unknown): string {
  if (isNoAnswer(error)) return "no answer in time";
  const ownFault = ownFaultOf(error);
  if (ownFault !== undefined) return ownFault;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const words: Record<string, string> = {
    ECONNREFUSED: "connect refused",
    ECONNRESET: "connection reset",
    ENOTFOUND: "name not found",
    EAI_AGAIN: "name not found",
    EHOSTUNREACH: "host unreachable",
    ENETUNREACH: "network unreachable",
    ETIMEDOUT: "connect timed out",
    ABORT_ERR: "no answer in time",
  };
  return words[code] ?? `no answer (${code || "connection failed"})`;
}
