import { isDeepStrictEqual } from "node:util";
import { child, childrenOf, textOf, type XmlElement } from "./xml.ts";

export interface ResourceRecordSet {
  name: string;
  type: string;
  ttl: number;
  values: string[];
  setIdentifier?: string;
  weight?: number;
}

export interface Zone {
  id: string;
  name: string;
  records: ResourceRecordSet[];
}

export interface Change {
  action: string;
  record: ResourceRecordSet;
}

/** What the service answers as `<ErrorResponse><Error><Code>…`. */
export class Route53Error extends Error {
  readonly httpStatus: number;
  readonly code: string;

  constructor(httpStatus: number, code: string, message: string) {
    super(message);
    this.httpStatus = httpStatus;
    this.code = code;
  }
}

/** The real service lists all reasons in one message, in brackets. */
const invalidBatch = (messages: string[]) => new Route53Error(400, "InvalidChangeBatch", `[${messages.join(", ")}]`);

const MAX_CHANGES = 1000;
const TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SPF", "SRV", "TXT"];

/** Lower case with a trailing dot: how Route 53 keeps every name. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}

/** Reads a ChangeResourceRecordSetsRequest. Throws InvalidInput for what the service's model refuses. */
export function readChanges(request: XmlElement): Change[] {
  const changes = childrenOf(child(child(request, "ChangeBatch"), "Changes"), "Change");
  if (changes.length === 0) throw invalidInput("The change batch holds no change");
  if (changes.length > MAX_CHANGES) throw invalidBatch([`Number of records limit of ${MAX_CHANGES} exceeded.`]);
  return changes.map((change) => {
    const action = textOf(change, "Action") ?? "";
    if (!["CREATE", "DELETE", "UPSERT"].includes(action))
      throw invalidInput(`Value '${action}' at 'changeBatch.changes.action' must be one of CREATE, DELETE, UPSERT`);
    return { action, record: readRecordSet(child(change, "ResourceRecordSet")) };
  });
}

function readRecordSet(element: XmlElement | undefined): ResourceRecordSet {
  const name = textOf(element, "Name");
  const type = textOf(element, "Type") ?? "";
  if (element === undefined || !name) throw invalidInput("A change needs a resource record set with a name");
  if (!TYPES.includes(type)) throw invalidInput(`Value '${type}' at 'resourceRecordSet.type' is not a record type`);
  for (const unsupported of ["AliasTarget", "Failover", "Region", "GeoLocation", "MultiValueAnswer", "HealthCheckId"])
    if (child(element, unsupported)) throw invalidInput(`This Route 53 of the lab does not know ${unsupported}`);
  const values = childrenOf(child(element, "ResourceRecords"), "ResourceRecord").map(
    (one) => textOf(one, "Value") ?? "",
  );
  if (values.length === 0 || values.includes("")) throw invalidInput("A resource record set needs values");
  const ttl = readNumber(element, "TTL", 0, 2147483647);
  if (ttl === undefined) throw invalidInput("A resource record set that is no alias needs a TTL");
  const weight = readNumber(element, "Weight", 0, 255);
  const setIdentifier = textOf(element, "SetIdentifier");
  if (setIdentifier === "" || (setIdentifier?.length ?? 0) > 128)
    throw invalidInput("SetIdentifier takes 1 to 128 characters");
  return {
    name: canonicalName(name),
    type,
    ttl,
    values,
    ...(setIdentifier !== undefined && { setIdentifier }),
    ...(weight !== undefined && { weight }),
  };
}

function readNumber(element: XmlElement, name: string, least: number, most: number): number | undefined {
  const text = textOf(element, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalidInput(`Value '${text}' at '${name}' must be between ${least} and ${most}`);
  return value;
}

/** The zone's records after the whole batch, or InvalidChangeBatch with every reason; nothing is half done. */
export function applyChanges(zone: Zone, changes: Change[]): ResourceRecordSet[] {
  const messages: string[] = [];
  let records = zone.records;
  for (const { action, record } of changes) {
    const problem = checkRecord(zone, record);
    if (problem) {
      messages.push(problem);
      continue;
    }
    const existing = records.find((one) => sameSet(one, record));
    const others = records.filter((one) => one !== existing);
    if (action === "CREATE" && existing) messages.push(`Tried to create ${describe(record)} but it already exists`);
    else if (action === "DELETE" && !existing)
      messages.push(`Tried to delete ${describe(record)} but it was not found`);
    else if (action === "DELETE" && !isDeepStrictEqual(exactly(existing), exactly(record)))
      messages.push(`Tried to delete ${describe(record)} but the values provided do not match the current values`);
    else records = action === "DELETE" ? others : [...others, record];
  }
  messages.push(...findConflicts(records));
  if (messages.length > 0) throw invalidBatch(messages);
  return records.toSorted(compareRecords);
}

function checkRecord(zone: Zone, record: ResourceRecordSet): string | undefined {
  const apex = canonicalName(zone.name);
  if (record.name !== apex && !record.name.endsWith(`.${apex}`))
    return `RRSet with DNS name ${record.name} is not permitted in zone ${apex}`;
  if (record.type === "CNAME" && record.name === apex)
    return `RRSet of type CNAME with DNS name ${record.name} is not permitted at apex in zone ${apex}`;
  if (record.type === "CNAME" && record.values.length !== 1)
    return `RRSet of type CNAME with DNS name ${record.name} needs one value`;
  if ((record.weight === undefined) !== (record.setIdentifier === undefined))
    return `Invalid request: a weighted ${describe(record)} needs both a weight and a set identifier`;
  return undefined;
}

/** Weighted beside simple sets of one name and type, and a CNAME beside anything else, cannot stand together. */
function findConflicts(records: ResourceRecordSet[]): string[] {
  const conflicts = records.filter((record) =>
    records.some(
      (other) =>
        other.name === record.name &&
        (other.type === record.type
          ? other.setIdentifier !== undefined && record.setIdentifier === undefined
          : record.type === "CNAME"),
    ),
  );
  return conflicts.map(
    ({ name, type }) =>
      `RRSet of type ${type} with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in the zone`,
  );
}

const sameSet = (a: ResourceRecordSet, b: ResourceRecordSet) =>
  a.name === b.name && a.type === b.type && a.setIdentifier === b.setIdentifier;

const exactly = (record: ResourceRecordSet | undefined) => record && { ...record, values: record.values.toSorted() };

function describe({ name, type, setIdentifier }: ResourceRecordSet): string {
  const identifier = setIdentifier === undefined ? "" : `, set identifier='${setIdentifier}'`;
  return `resource record set [name='${name}', type='${type}'${identifier}]`;
}

/** Route 53 lists by name with the labels reversed (com.example.www), then type, then set identifier. */
export function compareRecords(a: ResourceRecordSet, b: ResourceRecordSet): number {
  return compare(sortKey(a), sortKey(b));
}

export function sortKey(start: { name: string; type?: string; setIdentifier?: string }): string {
  return [start.name.split(".").reverse().join("."), start.type ?? "", start.setIdentifier ?? ""].join("\u0000");
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const invalidInput = (message: string) => new Route53Error(400, "InvalidInput", message);
