import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { childConfig, tellWorld } from "../child.ts";
import { listen, readBody, sendJson } from "../http.ts";
import { createRespClient, type RespClient } from "../resp/client.ts";
import { RespError } from "../resp/parse.ts";
import { createRoleCache } from "./role.ts";

/** One pod of the API: it writes what it is sent to whichever Redis is the primary, and says which one took it. */
export interface PodConfig {
  region: string;
  name: string;
  redisPort: number;
  /** Other regions' Redis gate ports. */
  peers: Record<string, number>;
  readyMs: number;
}

const RECORD_LIFE_SECONDS = 900;
const STORE_TIMEOUT_MS = 1500;

const config = childConfig<PodConfig>(({ region, name }) => `muster-lab pod ${region} ${name}`);
const connectionName = `pod.${config.region}`;
const local = createRespClient({ port: config.redisPort, timeoutMs: STORE_TIMEOUT_MS, name: connectionName });
const remotes = new Map<string, RespClient>();
const role = createRoleCache(local, 500);
let ready = false;

/** The primary as the region's own Redis knows it. */
async function primary(): Promise<{ client: RespClient; region: string } | undefined> {
  const known = await role.get();
  if (!known) return undefined;
  if (known.role === "primary") return { client: local, region: config.region };
  const { host, port } = known;
  const key = `${host}:${port}`;
  let client = remotes.get(key);
  if (!client) {
    for (const old of remotes.values()) old.close();
    remotes.clear();
    client = createRespClient({ host, port, timeoutMs: STORE_TIMEOUT_MS, name: connectionName });
    remotes.set(key, client);
  }
  return { client, region: Object.keys(config.peers).find((code) => config.peers[code] === port) ?? key };
}

/** Writes one record; resolves with the region whose Redis acknowledged it. */
async function write(record: number): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const to = await primary();
    if (!to) throw new Error("The session store of this region does not answer.");
    try {
      await to.client.command("SET", `record:${record}`, new Date().toISOString(), "EX", RECORD_LIFE_SECONDS);
      return to.region;
    } catch (error) {
      role.forget();
      // The refusal of a store that takes no writes is certain, so asking once more who does is safe.
      if (!(error instanceof RespError) || attempt === 2) throw error;
    }
  }
}

async function query(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const base = { region: config.region, pod: config.name };
  if (req.method === "GET") return sendJson(res, 200, { ...base, answer: "Ask with POST and a record number." });
  if (req.method !== "POST") return sendJson(res, 405, { ...base, error: "Only GET and POST are known here." });
  const record = await recordOf(req);
  if (record === undefined)
    return sendJson(res, 400, { ...base, error: 'The body must be { "record": <whole number> }.' });
  try {
    sendJson(res, 200, { ...base, record, primary: await write(record) });
  } catch (error) {
    sendJson(res, 503, { ...base, record, error: (error as Error).message });
  }
}

async function recordOf(req: IncomingMessage): Promise<number | undefined> {
  try {
    const { record } = JSON.parse((await readBody(req, 4096)).toString()) as { record?: unknown };
    return typeof record === "number" && Number.isSafeInteger(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
  if (req.url === "/health")
    return sendJson(res, ready ? 200 : 503, { status: ready ? "ok" : "starting", pod: config.name });
  if (req.url === "/api/query") return void query(req, res);
  sendJson(res, 404, { error: "Only /health and /api/query are known here." });
});

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 2000).unref();
});

const port = await listen(server, 0, `pod ${config.name}`);
// Loading models and filling caches, in a real one.
setTimeout(() => {
  ready = true;
  tellWorld({ kind: "ready", port });
}, config.readyMs);
