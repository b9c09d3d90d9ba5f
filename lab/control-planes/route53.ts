import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fault, readBody, send } from "./http.ts";
import {
  applyChanges,
  canonicalName,
  compareRecords,
  type ResourceRecordSet,
  Route53Error,
  readChanges,
  sortKey,
  type Zone,
} from "./route53-batch.ts";
import { child, parseXml, renderXml, textOf, type XmlContent } from "./xml.ts";

export interface Route53Options {
  zones: { id: string; name: string; records: ResourceRecordSet[] }[];
  /** How long a change is PENDING before resolvers answer from it. */
  propagationMs: number;
  now?: () => number;
  /** Something that `snapshot` shows has changed. */
  onChange(): void;
}

export interface Route53 {
  handler: (req: IncomingMessage, res: ServerResponse) => void;
  /** The records that are INSYNC: what resolvers answer from. */
  effective(zoneId: string): ResourceRecordSet[];
  snapshot(): Route53Options["zones"];
  setFault(mode: Fault): void;
}

/** One accepted batch, with the zone as it left it: resolvers see it from `insyncAt` on. */
interface Submitted {
  id: string;
  zoneId: string;
  submittedAt: number;
  insyncAt: number;
  records: ResourceRecordSet[];
  comment: string | undefined;
}

const MAX_CHANGES_KEPT = 1000;
const NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";
const PATH = /^\/2013-04-01\/(hostedzone|hostedzonesbyname|change)(?:\/([^/]+))?(?:\/(rrset))?\/?$/;

/**
 * Hosted zones as Route 53 (API 2013-04-01) serves them to the AWS SDKs and to `aws route53`: change batches,
 * their status, and listing. Requests must be signed with SigV4, but the signature itself is not verified: that
 * would only test the SDK, and the lab's keys are no secret.
 */
export function createRoute53(options: Route53Options): Route53 {
  const now = options.now ?? Date.now;
  const zones = new Map<string, Zone>();
  const initial = new Map<string, ResourceRecordSet[]>();
  let submitted: Submitted[] = [];
  let fault: Fault;

  for (const { id, name, records } of options.zones) {
    const canonical = records
      .map((record) => ({ ...record, name: canonicalName(record.name) }))
      .toSorted(compareRecords);
    zones.set(id, { id, name: canonicalName(name), records: canonical });
    initial.set(id, canonical);
  }

  function findZone(id: string | undefined): Zone {
    const zone = zones.get(id ?? "");
    if (zone === undefined) throw new Route53Error(404, "NoSuchHostedZone", `No hosted zone found with ID: ${id}`);
    return zone;
  }

  function effective(zoneId: string): ResourceRecordSet[] {
    const latest = submitted.findLast((change) => change.zoneId === zoneId && change.insyncAt <= now());
    return latest?.records ?? initial.get(zoneId) ?? [];
  }

  function change(zone: Zone, body: string): XmlContent {
    const request = readRequest(body);
    zone.records = applyChanges(zone, readChanges(request));
    const submittedAt = now();
    const one: Submitted = {
      id: `C${randomBytes(10).toString("hex").toUpperCase()}`,
      zoneId: zone.id,
      submittedAt,
      insyncAt: submittedAt + options.propagationMs,
      records: zone.records,
      comment: textOf(child(request, "ChangeBatch"), "Comment"),
    };
    submitted = [...submitted, one];
    forgetOldest();
    options.onChange();
    return { ChangeResourceRecordSetsResponse: { ChangeInfo: changeInfo(one) } };
  }

  /** Forgetting a change must not change what resolvers answer, so each zone's answer is kept first. */
  function forgetOldest(): void {
    if (submitted.length <= MAX_CHANGES_KEPT) return;
    for (const zoneId of zones.keys()) initial.set(zoneId, effective(zoneId));
    submitted = submitted.slice(-MAX_CHANGES_KEPT);
  }

  function changeInfo({ id, submittedAt, insyncAt, comment }: Submitted): XmlContent {
    const Status = insyncAt <= now() ? "INSYNC" : "PENDING";
    return { Id: `/change/${id}`, Status, SubmittedAt: new Date(submittedAt).toISOString(), Comment: comment };
  }

  async function answer(req: IncomingMessage): Promise<XmlContent> {
    checkSigned(req);
    const url = new URL(req.url ?? "/", "http://route53");
    const [, collection, id, rrset] = PATH.exec(url.pathname) ?? [];
    if (collection === "hostedzone" && id && rrset && req.method === "POST") {
      const body = await readBody(req);
      if (body === undefined) throw new Route53Error(413, "RequestEntityTooLarge", "The request is too large");
      return change(findZone(id), body);
    }
    if (req.method !== "GET") throw new Route53Error(404, "UnknownOperationException", "The operation is not known");
    if (collection === "change") {
      const found = submitted.find((one) => one.id === id);
      if (!found) throw new Route53Error(404, "NoSuchChange", `Could not find resource with ID: ${id}`);
      return { GetChangeResponse: { ChangeInfo: changeInfo(found) } };
    }
    if (collection === "hostedzone" && id && rrset) return listRecords(findZone(id), url.searchParams);
    if (collection === "hostedzone" && id) return { GetHostedZoneResponse: { HostedZone: zoneContent(findZone(id)) } };
    if (collection) return listZones([...zones.values()], collection);
    throw new Route53Error(404, "UnknownOperationException", "The operation is not known");
  }

  function handler(req: IncomingMessage, res: ServerResponse): void {
    if (fault === "hang") return;
    (fault ? refuse(fault) : answer(req)).then(
      (content) => sendXml(res, 200, content),
      (error) => sendError(res, error),
    );
  }

  return {
    handler,
    effective,
    snapshot: () => structuredClone([...zones.values()]),
    setFault(mode) {
      fault = mode;
    },
  };
}

async function refuse(fault: Fault): Promise<never> {
  if (fault === "unavailable") throw new Route53Error(503, "ServiceUnavailable", "Service is unavailable");
  throw new Route53Error(400, "Throttling", "Rate exceeded");
}

function checkSigned(req: IncomingMessage): void {
  const authorization = req.headers.authorization;
  if (authorization === undefined)
    throw new Route53Error(403, "MissingAuthenticationToken", "Missing Authentication Token");
  const complete = ["Credential=", "SignedHeaders=", "Signature="].every((part) => authorization.includes(part));
  if (!authorization.startsWith("AWS4-HMAC-SHA256 ") || !complete || !req.headers["x-amz-date"])
    throw new Route53Error(403, "IncompleteSignature", "Authorization header requires SigV4 parameters");
}

function readRequest(body: string) {
  try {
    const request = parseXml(body);
    if (request.name === "ChangeResourceRecordSetsRequest") return request;
  } catch {
    // The answer is the same for what is no XML and for the wrong element.
  }
  throw new Route53Error(400, "MalformedInput", "ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest");
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html */
function listRecords(zone: Zone, query: URLSearchParams): XmlContent {
  const name = query.get("name");
  const type = query.get("type");
  const identifier = query.get("identifier");
  if ((type !== null && name === null) || (identifier !== null && type === null))
    throw new Route53Error(400, "InvalidInput", "The listing needs a name for a type, and a type for an identifier");
  const maxItems = Number(query.get("maxitems") ?? 300);
  if (!Number.isInteger(maxItems) || maxItems < 1)
    throw new Route53Error(400, "InvalidInput", "maxitems must be a positive number");
  const limit = Math.min(300, maxItems);
  const start =
    name === null ? "" : sortKey({ name: canonicalName(name), type: type ?? "", setIdentifier: identifier ?? "" });
  const matching = zone.records.filter((record) => sortKey(record) >= start);
  const next = matching[limit];
  return {
    ListResourceRecordSetsResponse: {
      ResourceRecordSets: { ResourceRecordSet: matching.slice(0, limit).map(recordContent) },
      IsTruncated: next !== undefined,
      MaxItems: limit,
      NextRecordName: next?.name,
      NextRecordType: next?.type,
      NextRecordIdentifier: next?.setIdentifier,
    },
  };
}

function recordContent({ name, type, setIdentifier, weight, ttl, values }: ResourceRecordSet): XmlContent {
  const records = values.map((value) => ({ Value: value }));
  const ResourceRecords = { ResourceRecord: records };
  return { Name: name, Type: type, SetIdentifier: setIdentifier, Weight: weight, TTL: ttl, ResourceRecords };
}

function listZones(zones: Zone[], collection: string): XmlContent {
  const response = collection === "hostedzonesbyname" ? "ListHostedZonesByNameResponse" : "ListHostedZonesResponse";
  return { [response]: { HostedZones: { HostedZone: zones.map(zoneContent) }, IsTruncated: false, MaxItems: 100 } };
}

function zoneContent({ id, name, records }: Zone): XmlContent {
  return { Id: `/hostedzone/${id}`, Name: name, CallerReference: id, ResourceRecordSetCount: records.length };
}

function sendError(res: ServerResponse, error: unknown): void {
  const known = error instanceof Route53Error ? error : new Route53Error(500, "InternalFailure", String(error));
  const Type = known.httpStatus < 500 ? "Sender" : "Receiver";
  const RequestId = randomUUID();
  const details = { Type, Code: known.code, Message: known.message };
  sendXml(res, known.httpStatus, { ErrorResponse: { Error: details, RequestId } }, RequestId);
}

function sendXml(res: ServerResponse, status: number, content: XmlContent, requestId: string = randomUUID()): void {
  const xml = renderXml(content).replace(/^<(\w+)>/, `<$1 xmlns="${NAMESPACE}">`);
  if (!res.headersSent) res.setHeader("x-amzn-RequestId", requestId);
  send(res, status, "text/xml", `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
}
