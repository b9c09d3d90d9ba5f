import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResourceRecordSet } from "../control-planes/route53-batch.ts";
import { sendJson } from "../http.ts";

export interface Answer {
  name: string;
  /** The last name of the CNAME chain. */
  host: string;
  region: string;
  /** `127.0.0.1:port` */
  address: string;
  ttlSeconds: number;
}

export interface Resolver {
  /** Undefined for a name that leads nowhere. */
  resolve(name: string): Answer | undefined;
  handler(req: IncomingMessage, res: ServerResponse): void;
}

export interface ResolverOptions {
  /** The records that resolvers answer from at this moment. */
  records(): ResourceRecordSet[];
  /** The hosts at the end of every chain. */
  hosts: Record<string, { region: string; address: string }>;
}

const MAX_CHAIN = 5;

/**
 * Answers from the zone, one query at a time, as a resolver near the clients would; caching is the clients'
 * affair. Weights are honoured by smooth rotation, not by dice: a share of 10 % is every tenth answer.
 */
export function createResolver({ records, hosts }: ResolverOptions): Resolver {
  const credits = new Map<string, number>();

  function pick(candidates: ResourceRecordSet[]): ResourceRecordSet | undefined {
    if (candidates.length <= 1) return candidates[0];
    // All weights zero means all alike: so does Route 53.
    const allZero = candidates.every(({ weight }) => !weight);
    const weighed = candidates.map((record) => ({ record, weight: allZero ? 1 : (record.weight ?? 0) }));
    const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
    let best: { key: string; record: ResourceRecordSet; credit: number } | undefined;
    for (const { record, weight } of weighed) {
      const key = `${record.name}/${record.setIdentifier}`;
      const credit = weight === 0 ? 0 : (credits.get(key) ?? 0) + weight;
      credits.set(key, credit);
      if (weight > 0 && (!best || credit > best.credit)) best = { key, record, credit };
    }
    if (best) credits.set(best.key, best.credit - total);
    return best?.record;
  }

  function resolve(name: string): Answer | undefined {
    let host = plain(name);
    let ttlSeconds = Number.POSITIVE_INFINITY;
    for (let link = 0; link < MAX_CHAIN; link++) {
      const end = hosts[host];
      if (end) return { name: plain(name), host, ...end, ttlSeconds: Number.isFinite(ttlSeconds) ? ttlSeconds : 60 };
      const record = pick(records().filter((one) => one.type === "CNAME" && plain(one.name) === host));
      if (!record?.values[0]) return undefined;
      ttlSeconds = Math.min(ttlSeconds, record.ttl);
      host = plain(record.values[0]);
    }
    return undefined;
  }

  return {
    resolve,
    handler(req, res) {
      const url = new URL(req.url ?? "/", "http://resolver");
      const answer = url.pathname === "/resolve" ? resolve(url.searchParams.get("name") ?? "") : undefined;
      if (answer) sendJson(res, 200, answer);
      else sendJson(res, 404, { error: "NXDOMAIN: ask /resolve?name=<a name of the zone>." });
    },
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** A client's cache that honours the TTL, as one process that resolves for itself would have. */
export function createTtlCache(
  lookUp: (name: string) => Promise<Answer | undefined>,
  now: () => number = () => performance.now(),
): (name: string) => Promise<Answer | undefined> {
  const known = new Map<string, { answer: Answer; until: number }>();
  return async (name) => {
    const cached = known.get(name);
    if (cached && cached.until > now()) return cached.answer;
    const answer = await lookUp(name);
    if (answer) known.set(name, { answer, until: now() + answer.ttlSeconds * 1000 });
    else known.delete(name);
    return answer;
  };
}
