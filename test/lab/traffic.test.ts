import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createWindowStats } from "../../lab/region/stats.ts";
import { createHonouringClient, createStickyClient } from "../../lab/traffic/client.ts";
import { createLedger } from "../../lab/traffic/ledger.ts";
import { createOutageWatch } from "../../lab/traffic/outages.ts";
import { classify, exactEras } from "../../lab/traffic/verify.ts";

const ack = (record: number, at: number, primary: string) => ({ record, at, region: primary, primary });

describe("What was lost", () => {
  const eras = [
    { region: "us", since: 0 },
    { region: "eu", since: 10_000 },
  ];

  it("is what the primary of its time acknowledged and the present one has not", () => {
    const records = [ack(1, 1000, "us"), ack(2, 4000, "us"), ack(3, 4500, "us"), ack(4, 11_000, "eu")];
    expect(classify(records, eras, "eu", new Set([2, 3])).lost).toEqual({
      count: 2,
      firstAt: "1970-01-01T00:00:04.000Z",
      lastAt: "1970-01-01T00:00:04.500Z",
      spanSeconds: 0.5,
    });
    expect(classify(records, eras, "eu", new Set()).lost).toEqual({ count: 0, spanSeconds: 0 });
  });

  it("does not count what an old primary acknowledged when it was none any more: that is split brain", () => {
    const records = [ack(1, 1000, "us"), ack(2, 12_000, "us"), ack(3, 13_000, "eu"), ack(4, 14_000, "us")];
    const found = classify(records, eras, "eu", new Set([2]));
    expect(found.lost.count).toBe(0);
    expect(found.splitBrain).toMatchObject({ count: 2, missing: 1, firstAt: "1970-01-01T00:00:12.000Z" });
  });

  it("counts the old primary as the primary again after a failback", () => {
    const home = [...eras, { region: "us", since: 20_000 }];
    const found = classify([ack(1, 15_000, "eu"), ack(2, 21_000, "us")], home, "us", new Set([2]));
    expect(found.lost.count).toBe(1);
    expect(found.splitBrain.count).toBe(0);
  });

  it("takes the new primary's first acknowledgement for the promotion, which is seen a little later", () => {
    const records = [ack(1, 9000, "us"), ack(2, 9600, "eu"), ack(3, 9700, "us")];
    const exact = exactEras(records, eras);
    expect(exact[1]).toEqual({ region: "eu", since: 9600 });
    expect(classify(records, exact, "eu", new Set()).splitBrain.count).toBe(1);
    // An acknowledgement long before belongs to an earlier time.
    expect(exactEras([ack(1, 3000, "eu")], eras)[1]).toEqual(eras[1]);
  });
});

describe("An outage", () => {
  it("is a gap of a second or more between two good answers", () => {
    const watch = createOutageWatch();
    for (const at of [0, 900, 1800]) watch.good(at, "us");
    expect(watch.read(2000)).toEqual([]);
    watch.bad();
    watch.bad();
    expect(watch.read(3800)).toEqual([{ lastGoodAt: 1800, seconds: 2, failures: 2 }]);
    watch.good(5000, "eu");
    expect(watch.read(5100)).toEqual([
      { lastGoodAt: 1800, firstGoodAt: 5000, seconds: 3.2, failures: 2, endedBy: "eu" },
    ]);
  });

  it("does not begin before the first good answer", () => {
    const watch = createOutageWatch();
    watch.bad();
    expect(watch.read(60_000)).toEqual([]);
  });

  it("is remembered for the latest hundred only", () => {
    const watch = createOutageWatch();
    for (let minute = 0; minute < 150; minute++) watch.good(minute * 60_000, "us");
    expect(watch.read(149 * 60_000).length).toBe(100);
  });
});

describe("The ledger", () => {
  it("keeps the latest 30,000 records and the last minute of each class", () => {
    const ledger = createLedger();
    for (let record = 1; record <= 40_000; record++) ledger.acknowledged(ack(record, record * 10, "us"), "sticky");
    ledger.failed(400_500, "sticky", 7);
    expect(ledger.records().length).toBe(30_000);
    expect(ledger.records().at(-1)?.record).toBe(40_000);
    expect(ledger.seconds("sticky").length).toBe(60);
    expect(ledger.seconds("sticky").at(-1)).toEqual({ second: 400, ok: 1, failed: 1 });
    expect(ledger.totals()).toMatchObject({ sticky: { acknowledged: 40_000, failed: 1 } });
  });
});

describe("The window of an edge", () => {
  it("counts requests and errors of the last ten seconds", () => {
    let time = 0;
    const stats = createWindowStats(() => time);
    stats.count(false);
    time = 5000;
    stats.count(true);
    expect(stats.read()).toEqual({ windowSeconds: 10, requests: 2, errors: 1 });
    time = 10_000;
    expect(stats.read()).toEqual({ windowSeconds: 10, requests: 1, errors: 1 });
    stats.count(false);
    time = 30_000;
    expect(stats.read()).toEqual({ windowSeconds: 10, requests: 0, errors: 0 });
  });
});

describe("A client", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function edge(
    region: string,
    status = 200,
  ): Promise<{ address: string; connections(): number; close(): void }> {
    let connections = 0;
    const server = createServer((req, res) => {
      req.resume().on("end", () => res.writeHead(status).end(JSON.stringify({ region, primary: region })));
    });
    server.on("connection", () => connections++);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
      address: `127.0.0.1:${port}`,
      connections: () => connections,
      close: () => server.close().closeAllConnections(),
    };
  }

  const answer = (address: string) => ({ name: "api", host: "edge", region: "r", address, ttlSeconds: 2 });

  it("that honours the TTL opens a connection for each write", async () => {
    const one = await edge("us");
    const client = createHonouringClient(async () => answer(one.address));
    expect(await client.write(1)).toEqual({ ok: true, region: "us", primary: "us" });
    await client.write(2);
    expect(one.connections()).toBe(2);
  });

  it("that is sticky keeps its connection, and resolves again only when one broke and half a minute is over", async () => {
    let time = 0;
    const [us, eu] = [await edge("us"), await edge("eu")];
    let points = us.address;
    const client = createStickyClient(
      async () => answer(points),
      () => time,
    );
    await client.write(1);
    await client.write(2);
    expect(us.connections()).toBe(1);
    points = eu.address;
    time = 60_000;
    expect(await client.write(3)).toMatchObject({ region: "us" });
    us.close();
    time = 10_000;
    expect(await client.write(4)).toEqual({ ok: false, connection: true });
    expect(await client.write(5)).toEqual({ ok: false, connection: true });
    time = 31_000;
    expect(await client.write(6)).toMatchObject({ region: "eu" });
  });

  it("knows a refusal from a broken connection", async () => {
    const refusing = await edge("us", 503);
    expect(await createHonouringClient(async () => answer(refusing.address)).write(1)).toEqual({
      ok: false,
      connection: false,
    });
    expect(await createHonouringClient(async () => undefined).write(1)).toEqual({ ok: false, connection: true });
  });
});
