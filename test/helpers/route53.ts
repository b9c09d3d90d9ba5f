import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRoute53, type Route53 } from "../../lab/control-planes/route53.ts";
import type { ResourceRecordSet } from "../../lab/control-planes/route53-batch.ts";

export const ZONE = "Z0GENAIAPI";

export interface Route53Server {
  api: Route53;
  records(): ResourceRecordSet[];
  /** Batches that were accepted. */
  changes(): number;
  /** Requests that could change something. */
  writes(): number;
  /** Somebody else changes records, with a client of their own. */
  change(action: "CREATE" | "DELETE" | "UPSERT", record: ResourceRecordSet): Promise<Response>;
  stop(): Promise<void>;
}

export const weighted = (setIdentifier: string, weight: number, ttl = 60): ResourceRecordSet => ({
  name: "api.genai-api.example",
  type: "CNAME",
  ttl,
  values: [`edge.${setIdentifier}.genai-api.example`],
  setIdentifier,
  weight,
});

export const primary = (region: string): ResourceRecordSet => ({
  name: "primary.genai-api.example",
  type: "CNAME",
  ttl: 60,
  values: [`edge.${region}.genai-api.example`],
});

/**
 * One hosted zone over HTTP. The AWS SDK reads its endpoint and its keys from the environment only, so they are
 * put there; each test file runs in a process of its own.
 */
export async function startRoute53({
  propagationMs = 0,
  records = [weighted("us-east-1", 100), weighted("eu-central", 0), primary("us-east-1")],
} = {}): Promise<Route53Server> {
  let changes = 0;
  let writes = 0;
  const api = createRoute53({
    zones: [{ id: ZONE, name: "genai-api.example.", records }],
    propagationMs,
    onChange: () => {
      changes += 1;
    },
  });
  const server = createServer((req, res) => {
    if (req.method !== "GET") writes += 1;
    api.handler(req, res);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_ROUTE_53: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret-that-nobody-may-see",
  });
  return {
    api,
    records: () => api.snapshot()[0]?.records ?? [],
    changes: () => changes,
    writes: () => writes,
    change: (action, record) =>
      fetch(`${url}/2013-04-01/hostedzone/${ZONE}/rrset/`, {
        method: "POST",
        headers: signed,
        body: batch(action, record),
      }),
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export const signed = {
  Authorization:
    "AWS4-HMAC-SHA256 Credential=key/20250101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0",
  "X-Amz-Date": "20250101T000000Z",
};

export function batch(action: string, { name, type, ttl, values, setIdentifier, weight }: ResourceRecordSet): string {
  const set =
    setIdentifier === undefined ? "" : `<SetIdentifier>${setIdentifier}</SetIdentifier><Weight>${weight}</Weight>`;
  const listed = values.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join("");
  const record = `<Name>${name}</Name><Type>${type}</Type>${set}<TTL>${ttl}</TTL><ResourceRecords>${listed}</ResourceRecords>`;
  const change = `<Change><Action>${action}</Action><ResourceRecordSet>${record}</ResourceRecordSet></Change>`;
  return `<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>${change}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
}
