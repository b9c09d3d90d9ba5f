import { describe, expect, it } from "vitest";
import type { ResourceRecordSet } from "../../lab/control-planes/route53-batch.ts";
import { API_NAME, edgeHost, initialRecords, PRIMARY_NAME } from "../../lab/world/definition.ts";
import { createResolver, createTtlCache } from "../../lab/world/resolver.ts";

const hosts = {
  [edgeHost("us-east-1")]: { region: "us-east-1", address: "127.0.0.1:1" },
  [edgeHost("eu-central")]: { region: "eu-central", address: "127.0.0.1:2" },
};

function weights(home: number, standby: number): ResourceRecordSet[] {
  return initialRecords().map((record) =>
    record.setIdentifier ? { ...record, weight: record.setIdentifier === "us-east-1" ? home : standby } : record,
  );
}

function shares(records: ResourceRecordSet[], queries: number): Record<string, number> {
  const resolver = createResolver({ records: () => records, hosts });
  const answers = Array.from({ length: queries }, () => resolver.resolve(API_NAME)!.region);
  return Object.fromEntries(
    Object.entries(Object.groupBy(answers, (region) => region)).map(([region, all]) => [region, all!.length]),
  );
}

describe("The lab's resolver", () => {
  it("answers in the proportion of the weights, evenly", () => {
    expect(shares(weights(100, 0), 20)).toEqual({ "us-east-1": 20 });
    expect(shares(weights(90, 10), 20)).toEqual({ "us-east-1": 18, "eu-central": 2 });
    expect(shares(weights(50, 50), 20)).toEqual({ "us-east-1": 10, "eu-central": 10 });
    expect(shares(weights(0, 100), 20)).toEqual({ "eu-central": 20 });
  });

  it("takes all weights zero for all alike, as Route 53 does", () => {
    expect(shares(weights(0, 0), 20)).toEqual({ "us-east-1": 10, "eu-central": 10 });
  });

  it("follows simple records, with or without the final dot, and says the TTL", () => {
    const resolver = createResolver({ records: () => weights(100, 0), hosts });
    const answer = { host: edgeHost("us-east-1"), region: "us-east-1", address: "127.0.0.1:1", ttlSeconds: 2 };
    expect(resolver.resolve(PRIMARY_NAME)).toEqual({ name: PRIMARY_NAME, ...answer });
    expect(resolver.resolve(`${PRIMARY_NAME.toUpperCase()}.`)).toEqual({ name: PRIMARY_NAME, ...answer });
  });

  it("knows no address for an unknown name, a name without records and a loop", () => {
    const loop = [{ name: API_NAME, type: "CNAME", ttl: 2, values: [API_NAME] }];
    expect(createResolver({ records: () => [], hosts }).resolve("nope.example")).toBeUndefined();
    expect(createResolver({ records: () => [], hosts }).resolve(API_NAME)).toBeUndefined();
    expect(createResolver({ records: () => loop, hosts }).resolve(API_NAME)).toBeUndefined();
  });
});

describe("A client that honours the TTL", () => {
  it("asks again only when the TTL is over, and at once where there was no answer", async () => {
    let time = 0;
    let asked = 0;
    let known = true;
    const answer = { name: "a", host: "b", region: "us-east-1", address: "127.0.0.1:1", ttlSeconds: 2 };
    const look = createTtlCache(
      async () => {
        asked++;
        return known ? answer : undefined;
      },
      () => time,
    );
    await look("a");
    time = 1999;
    await look("a");
    expect(asked).toBe(1);
    time = 2001;
    known = false;
    expect(await look("a")).toBeUndefined();
    known = true;
    expect(await look("a")).toEqual(answer);
    expect(asked).toBe(3);
  });
});
