import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKubernetesApi, type KubernetesApi } from "../../lab/control-planes/kubernetes.ts";
import { createRoute53 } from "../../lab/control-planes/route53.ts";
import { parseXml } from "../../lab/control-planes/xml.ts";
import { batch, primary, type Route53Server, signed, startRoute53, weighted, ZONE } from "../helpers/route53.ts";

describe("the lab's Kubernetes API", () => {
  let scaled: number[];
  const path = "/apis/apps/v1/namespaces/genai/deployments/api";
  let api: KubernetesApi;
  let url: string;
  let stop: () => void;

  beforeEach(async () => {
    const asked: number[] = [];
    scaled = asked;
    const size = { replicas: 2, readyReplicas: 2, updatedReplicas: 2, unavailableReplicas: 0 };
    api = createKubernetesApi({
      token: "t",
      deployments: [{ namespace: "genai", name: "api", generation: 1, resourceVersion: 7, ...size }],
      onScale: (_, __, replicas) => asked.push(replicas),
      onChange: () => {},
    });
    const server = createServer(api.handler).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    stop = () => {
      server.close();
      server.closeAllConnections();
    };
  });
  afterEach(() => stop());

  async function call(method: string, where: string, body?: unknown, headers: Record<string, string> = {}) {
    const init = {
      method,
      headers: { Authorization: "Bearer t", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const response = await fetch(url + where, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const patch = (body: unknown, type = "application/merge-patch+json", where = `${path}/scale`) =>
    call("PATCH", where, body, { "Content-Type": type });

  it("answers with a Status for what it refuses", async () => {
    expect(await call("GET", path, undefined, { Authorization: "Bearer wrong" })).toMatchObject({
      status: 401,
      body: { reason: "Unauthorized" },
    });
    expect(await call("GET", `${path}x`)).toMatchObject({ status: 404, body: { kind: "Status", reason: "NotFound" } });
    expect(await call("DELETE", path)).toMatchObject({ status: 405 });
    expect(await patch({ spec: { replicas: -1 } })).toMatchObject({ status: 422, body: { reason: "Invalid" } });
    expect(await patch({ spec: { replicas: "9" } })).toMatchObject({ status: 400 });
    expect(await patch({ spec: { replicas: 9 } }, "text/plain")).toMatchObject({ status: 415 });
    expect(api.snapshot()[0]).toMatchObject({ replicas: 2, resourceVersion: 7 });
  });

  it("takes a write with the version that was read, and refuses one with an older version", async () => {
    expect(await patch({ metadata: { resourceVersion: "7" }, spec: { replicas: 3 } })).toMatchObject({ status: 200 });
    const stale = { metadata: { resourceVersion: "7" }, spec: { replicas: 4 } };
    expect(await patch(stale)).toMatchObject({ status: 409, body: { reason: "Conflict" } });
    const { body } = await call("GET", `${path}/scale`);
    expect(await call("PUT", `${path}/scale`, { ...body, spec: { replicas: 5 } })).toMatchObject({ status: 200 });
    expect(await call("PUT", `${path}/scale`, { ...body, spec: { replicas: 6 } })).toMatchObject({ status: 409 });
  });

  it("knows the three kinds of patch that clients send", async () => {
    const json = [
      { op: "test", path: "/spec/replicas", value: 2 },
      { op: "replace", path: "/spec/replicas", value: 3 },
    ];
    expect(await patch(json, "application/json-patch+json", path)).toMatchObject({ status: 200 });
    expect(await patch(json, "application/json-patch+json", path)).toMatchObject({ status: 422 });
    expect(await patch({ spec: { replicas: 4 } }, "application/strategic-merge-patch+json", path)).toMatchObject({
      status: 200,
    });
    expect(api.snapshot()[0]?.replicas).toBe(4);
  });

  it("moves observedGeneration only when the controller has acted, and then asks for pods", async () => {
    const { body } = await patch({ spec: { replicas: 10 } }, "application/merge-patch+json", path);
    expect(body).toMatchObject({ metadata: { generation: 2 }, status: { observedGeneration: 1, readyReplicas: 2 } });
    expect(scaled).toEqual([]);
    await expect.poll(() => scaled).toEqual([10]);
    expect((await call("GET", path)).body).toMatchObject({ status: { observedGeneration: 2, unavailableReplicas: 8 } });
    api.setStatus("genai", "api", 10);
    expect((await call("GET", path)).body).toMatchObject({
      status: { readyReplicas: 10, conditions: [{ status: "True" }] },
    });
  });

  it("acts after a restart on what it had stored and not done yet", async () => {
    await patch({ spec: { replicas: 10 } });
    const stored = api.snapshot();
    const after: number[] = [];
    createKubernetesApi({
      token: "t",
      deployments: stored,
      onScale: (_, __, replicas) => after.push(replicas),
      onChange: () => {},
    });
    await expect.poll(() => after).toEqual([10]);
  });

  it("changes nothing in a dry run, nor when the number is the same", async () => {
    expect(
      (await patch({ spec: { replicas: 9 } }, "application/merge-patch+json", `${path}?dryRun=All`)).body,
    ).toMatchObject({ spec: { replicas: 9 } });
    await patch({ spec: { replicas: 2 } });
    expect(api.snapshot()[0]).toMatchObject({ replicas: 2, generation: 1, resourceVersion: 7 });
  });
});

describe("the lab's Route 53", () => {
  let server: Route53Server;
  beforeEach(async () => {
    server = await startRoute53();
  });
  afterEach(() => server.stop());
  const base = () => process.env.AWS_ENDPOINT_URL_ROUTE_53 ?? "";
  const get = async (path: string) => await (await fetch(`${base()}/2013-04-01/${path}`, { headers: signed })).text();
  const refused = async (action: "CREATE" | "DELETE" | "UPSERT", record: Parameters<Route53Server["change"]>[1]) => {
    const response = await server.change(action, record);
    expect(response.status).toBe(400);
    return await response.text();
  };

  it("refuses a DELETE that does not match to the letter, and a CREATE of what exists", async () => {
    const before = server.records();
    expect(await refused("DELETE", weighted("us-east-1", 99))).toContain(
      "the values provided do not match the current values",
    );
    expect(await refused("DELETE", { ...primary("us-east-1"), ttl: 61 })).toContain("do not match");
    expect(await refused("DELETE", weighted("ap-sg", 1))).toContain("but it was not found");
    expect(await refused("CREATE", primary("us-east-1"))).toContain("but it already exists");
    expect(server.records()).toEqual(before);
  });

  it("refuses simple beside weighted records, a CNAME beside others, and names of another zone", async () => {
    const { setIdentifier: _, weight: __, ...simple } = weighted("us-east-1", 1);
    expect(await refused("CREATE", simple)).toContain("conflicts with other records");
    expect(
      await refused("CREATE", { ...simple, name: "primary.genai-api.example", type: "A", values: ["127.0.0.1"] }),
    ).toContain("conflicts");
    expect(await refused("CREATE", { ...simple, name: "api.other.example" })).toContain("is not permitted in zone");
    expect(await refused("UPSERT", { ...weighted("us-east-1", 256) })).toContain("InvalidInput");
  });

  it("does all of a batch or nothing", async () => {
    const first = batch("DELETE", primary("us-east-1"));
    const second = batch("DELETE", weighted("ap-sg", 1));
    const change = (text: string) => /<Change>.*<\/Change>/.exec(text)?.[0] ?? "";
    const body = first.replace(change(first), change(first) + change(second));
    const before = server.records();
    const response = await fetch(`${base()}/2013-04-01/hostedzone/${ZONE}/rrset`, {
      method: "POST",
      headers: signed,
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/<Code>InvalidChangeBatch<\/Code>.*<RequestId>[\w-]{36}/);
    expect(server.records()).toEqual(before);
  });

  it("refuses requests that are not signed, other zones, and what is no request of its own", async () => {
    expect((await fetch(`${base()}/2013-04-01/hostedzone`)).status).toBe(403);
    expect(await get("hostedzone/ZNONE/rrset")).toContain("NoSuchHostedZone");
    expect(await get("change/CNONE")).toContain("NoSuchChange");
    const nonsense = { method: "POST", headers: signed, body: "<a><b></a>" };
    const response = await fetch(`${base()}/2013-04-01/hostedzone/${ZONE}/rrset`, nonsense);
    expect(await response.text()).toContain("MalformedInput");
  });

  it("lists in its order of names, page by page", async () => {
    const first = await get(`hostedzone/${ZONE}/rrset?maxitems=2`);
    expect(first.match(/<SetIdentifier>[\w-]+/g)).toEqual(["<SetIdentifier>eu-central", "<SetIdentifier>us-east-1"]);
    expect(first).toMatch(/<IsTruncated>true<.*<NextRecordName>primary.genai-api.example.<.*<NextRecordType>CNAME</);
    const rest = await get(`hostedzone/${ZONE}/rrset?name=primary.genai-api.example.&type=CNAME`);
    expect(rest.match(/<Name>[\w.-]+/g)).toEqual(["<Name>primary.genai-api.example."]);
  });

  it("lets resolvers see a change when it is INSYNC, and not before", async () => {
    let now = 1_000;
    const zone = { id: ZONE, name: "genai-api.example", records: [primary("us-east-1")] };
    const api = createRoute53({ zones: [zone], propagationMs: 500, now: () => now, onChange: () => {} });
    const http = createServer(api.handler).listen(0, "127.0.0.1");
    await once(http, "listening");
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/2013-04-01`;
    const body = batch("UPSERT", primary("eu-central"));
    const answer = await (
      await fetch(`${url}/hostedzone/${ZONE}/rrset`, { method: "POST", headers: signed, body })
    ).text();
    expect(answer).toContain("<Status>PENDING</Status>");
    const [, id] = /<Id>\/change\/(\w+)/.exec(answer) ?? [];
    const status = async () =>
      /<Status>(\w+)/.exec(await (await fetch(`${url}/change/${id}`, { headers: signed })).text())?.[1];
    expect(api.snapshot()[0]?.records[0]?.values).toEqual(["edge.eu-central.genai-api.example"]);
    expect(api.effective(ZONE)[0]?.values).toEqual(["edge.us-east-1.genai-api.example"]);
    now += 499;
    expect(await status()).toBe("PENDING");
    now += 1;
    expect(await status()).toBe("INSYNC");
    expect(api.effective(ZONE)[0]?.values).toEqual(["edge.eu-central.genai-api.example"]);
    http.close();
    http.closeAllConnections();
  });
});

describe("the lab's XML", () => {
  it("refuses what is not one well-formed element", () => {
    for (const text of [
      "",
      "<a>",
      "<a></b>",
      "<a/><b/>",
      "</a>",
      '<!DOCTYPE x [<!ENTITY e "e">]><a/>',
      "<a>".repeat(40),
    ]) {
      expect(() => parseXml(text), text).toThrow();
    }
    expect(parseXml("<?xml version='1.0'?><a x='1'><b>1 &amp; 2</b><c/></a>")).toMatchObject({
      name: "a",
      children: [{ name: "b", text: "1 & 2" }, { name: "c" }],
    });
  });
});
