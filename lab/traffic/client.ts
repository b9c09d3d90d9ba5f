import { Agent, request } from "node:http";
import type { Answer } from "../world/resolver.ts";
import type { ClientClass } from "./ledger.ts";

export type WriteResult = { ok: true; region: string; primary: string } | { ok: false; connection: boolean };

export interface TrafficClient {
  kind: ClientClass;
  write(record: number): Promise<WriteResult>;
}

const WRITE_TIMEOUT_MS = 2000;
const STICKY_AFTER_MS = 30_000;

/** Honours the TTL and opens a new connection for each write. */
export function createHonouringClient(look: () => Promise<Answer | undefined>): TrafficClient {
  const agent = new Agent({ keepAlive: false });
  return {
    kind: "ttl-honouring",
    async write(record) {
      const answer = await look().catch(() => undefined);
      return answer ? post(answer.address, record, agent) : { ok: false, connection: true };
    },
  };
}

/**
 * Resolves once and keeps its connections, as many a connection pool does: it asks again only when a connection
 * broke and its address is half a minute old.
 */
export function createStickyClient(
  lookUp: () => Promise<Answer | undefined>,
  now: () => number = () => performance.now(),
): TrafficClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  let known: { answer: Answer; at: number } | undefined;
  let broken = false;

  return {
    kind: "sticky",
    async write(record) {
      if (!known || (broken && now() - known.at >= STICKY_AFTER_MS)) {
        const answer = await lookUp().catch(() => undefined);
        if (answer) known = { answer, at: now() };
        broken = false;
      }
      if (!known) return { ok: false, connection: true };
      const result = await post(known.answer.address, record, agent);
      if (!result.ok && result.connection) broken = true;
      return result;
    },
  };
}

function post(address: string, record: number, agent: Agent): Promise<WriteResult> {
  const [host, port] = address.split(":");
  const body = JSON.stringify({ record });
  return new Promise((resolve) => {
    let timedOut = false;
    const req = request(
      {
        host,
        port,
        path: "/api/query",
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (res) => {
        let text = "";
        res.setEncoding("utf8");
        res.on("data", (chunk: string) => {
          text = (text + chunk).slice(0, 4096);
        });
        res.on("end", () => resolve(res.statusCode === 200 ? parse(text) : { ok: false, connection: false }));
        res.on("error", () => resolve({ ok: false, connection: !timedOut }));
      },
    );
    // The whole write, not only the silence on the socket.
    const timer = setTimeout(() => {
      timedOut = true;
      req.destroy();
    }, WRITE_TIMEOUT_MS);
    req.on("error", () => resolve({ ok: false, connection: !timedOut }));
    req.on("close", () => clearTimeout(timer));
    req.end(body);
  });
}

function parse(text: string): WriteResult {
  try {
    const { region, primary } = JSON.parse(text) as { region: string; primary: string };
    return { ok: true, region, primary };
  } catch {
    return { ok: false, connection: false };
  }
}

/** Asks the lab's resolver over HTTP. */
export function createLookUp(resolverPort: number, name: string): () => Promise<Answer | undefined> {
  return async () => {
    const url = `http://127.0.0.1:${resolverPort}/resolve?name=${encodeURIComponent(name)}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    return response.ok ? ((await response.json()) as Answer) : undefined;
  };
}
