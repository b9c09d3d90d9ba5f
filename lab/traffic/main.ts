import { childConfig, tellWorld } from "../child.ts";
import { createRespClient } from "../resp/client.ts";
import { createTtlCache } from "../world/resolver.ts";
import type { Era } from "../world/state.ts";
import { createHonouringClient, createLookUp, createStickyClient, type TrafficClient } from "./client.ts";
import { type Acknowledged, type ClientClass, createLedger } from "./ledger.ts";
import { createOutageWatch } from "./outages.ts";
import { verify } from "./verify.ts";

/** The clients of the world: numbered writes through the public name, and a memory of what was acknowledged. */
export interface TrafficConfig {
  resolverPort: number;
  name: string;
  /** Writes a second of all clients together. */
  rate: number;
  firstRecord: number;
  honouringClients: number;
  stickyClients: number;
}

export type TrafficOrder =
  | { kind: "stats"; id: number }
  | { kind: "verify"; id: number; eras: Era[]; primary: { region: string; port: number } };

/** Writes under way per client: with a timeout of two seconds, an outage would pile up more. */
const MAX_UNDER_WAY = 20;

const config = childConfig<TrafficConfig>(() => "muster-lab traffic");
const ledger = createLedger();
const outages = createOutageWatch();
const startedAt = new Date().toISOString();
let nextRecord = config.firstRecord;

const lookUp = createLookUp(config.resolverPort, config.name);
const clients: TrafficClient[] = [
  ...Array.from({ length: config.honouringClients }, () => {
    const cache = createTtlCache(lookUp);
    return createHonouringClient(() => cache(config.name));
  }),
  ...Array.from({ length: config.stickyClients }, () => createStickyClient(lookUp)),
];

function run(client: TrafficClient, everyMs: number): void {
  let underWay = 0;
  setInterval(async () => {
    if (underWay >= MAX_UNDER_WAY) return;
    underWay++;
    const record = nextRecord++;
    const result = await client.write(record);
    underWay--;
    const at = Date.now();
    if (result.ok) {
      const { region, primary } = result;
      ledger.acknowledged({ record, at, region, primary }, client.kind);
      if (client.kind === "ttl-honouring") outages.good(at, primary);
    } else {
      ledger.failed(at, client.kind, record);
      if (client.kind === "ttl-honouring") outages.bad();
    }
  }, everyMs);
}

function stats(): object {
  const now = Date.now();
  const recent = ledger.records().filter(({ at }) => now - at < 10_000);
  const share = (key: (one: Acknowledged) => string) =>
    Object.fromEntries(Object.entries(Object.groupBy(recent, key)).map(([name, rows]) => [name, rows!.length]));
  const ofClass = (kind: ClientClass) => ({
    clients: clients.filter((client) => client.kind === kind).length,
    ...ledger.totals()[kind],
    seconds: ledger.seconds(kind),
  });
  const known = outages.read(now).map(({ lastGoodAt, firstGoodAt, ...rest }) => ({
    lastGoodAt: new Date(lastGoodAt).toISOString(),
    ...(firstGoodAt === undefined ? {} : { firstGoodAt: new Date(firstGoodAt).toISOString() }),
    ...rest,
  }));
  return {
    startedAt,
    ratePerSecond: config.rate,
    classes: { "ttl-honouring": ofClass("ttl-honouring"), sticky: ofClass("sticky") },
    last: ledger.last() ?? null,
    last10Seconds: { byRegion: share(({ region }) => region), byPrimary: share(({ primary }) => primary) },
    outages: known,
    outage: known.at(-1) ?? null,
  };
}

async function answer(order: TrafficOrder): Promise<object> {
  if (order.kind === "stats") return stats();
  const { region, port } = order.primary;
  const client = createRespClient({ port, timeoutMs: 3000, name: "lab-verify" });
  try {
    return await verify(ledger.records(), order.eras, { region, client }, Date.now(), ledger.unanswered());
  } finally {
    client.close();
  }
}

process.on("message", (order: TrafficOrder) => {
  answer(order).then(
    (data) => tellWorld({ id: order.id, data }),
    (error: Error) => tellWorld({ id: order.id, error: error.message }),
  );
});

const everyMs = (clients.length / config.rate) * 1000;
clients.forEach((client, index) => {
  setTimeout(run, (index * everyMs) / clients.length, client, everyMs);
});
