import type { ResourceRecordSet, Route53Client, RRType } from "@aws-sdk/client-route-53";
import { deadline, type Limits, untilAborted } from "../looking.ts";
import { mapRoute53Error, type Told } from "./errors.ts";
import { type NamedSet, type RecordSet, sameName } from "./records.ts";

/**
 * Speaks to Route 53. Its zones are global, but the API that changes them is one, in us-east-1: while that is
 * away records are still answered, and nothing can be changed, in the console neither.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
 */
export interface Route53 {
  /** All record sets of one name and type. Throws AppError. */
  list(zone: string, name: string, type: string, limits: Limits): Promise<RecordSet[]>;
  /** One batch: deletes exactly `remove`, creates `create`, all or nothing. Returns the change's id. Throws AppError. */
  change(zone: string, batch: { remove: NamedSet[]; create: NamedSet[] }, told: Told, limits: Limits): Promise<string>;
  /** `unknown` when Route 53 does not remember the change. Throws AppError. */
  status(changeId: string, limits: Limits): Promise<"PENDING" | "INSYNC" | "unknown">;
  close(): void;
}

const MOST_SETS = 100;

export function createRoute53Client({ requestTimeoutMs }: { requestTimeoutMs: number }): Route53 {
  let client: Promise<Route53Client> | undefined;

  async function call<T>(told: Told, limits: Limits, send: (client: Route53Client, signal: AbortSignal) => Promise<T>) {
    client ??= connect(requestTimeoutMs).catch((error) => {
      // Whatever kept it from being read, such as too many open files, may be over the next time.
      client = undefined;
      throw error;
    });
    // Loading the client is no part of the time that a request may take.
    const ready = await client;
    const signal = deadline(limits);
    try {
      return await untilAborted(send(ready, signal), signal);
    } catch (error) {
      throw mapRoute53Error(error, told);
    }
  }

  return {
    async list(zone, name, type, limits) {
      const { ListResourceRecordSetsCommand } = await import("@aws-sdk/client-route-53");
      const start = { StartRecordName: name, StartRecordType: type as RRType, MaxItems: MOST_SETS };
      const command = new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...start });
      const told = { resource: `record ${name} ${type} in hosted zone ${zone}` };
      const answer = await call(told, limits, (ready, abortSignal) => ready.send(command, { abortSignal }));
      // The listing starts at the name and goes on through the zone; one name and type has 100 sets at most.
      const sets = answer.ResourceRecordSets ?? [];
      return sets.filter((set) => sameName(set.Name ?? "", name) && set.Type === type).map(fromWire);
    },
    async change(zone, { remove, create }, told, limits) {
      const { ChangeResourceRecordSetsCommand } = await import("@aws-sdk/client-route-53");
      const Changes = [
        ...remove.map((set) => ({ Action: "DELETE" as const, ResourceRecordSet: toWire(set) })),
        ...create.map((set) => ({ Action: "CREATE" as const, ResourceRecordSet: toWire(set) })),
      ];
      const command = new ChangeResourceRecordSetsCommand({
        HostedZoneId: zone,
        ChangeBatch: { Comment: "Muster", Changes },
      });
      const answer = await call(told, limits, (ready, abortSignal) => ready.send(command, { abortSignal }));
      return (answer.ChangeInfo?.Id ?? "").replace("/change/", "");
    },
    async status(changeId, limits) {
      const { GetChangeCommand } = await import("@aws-sdk/client-route-53");
      const command = new GetChangeCommand({ Id: changeId });
      return call({ resource: `change ${changeId}` }, limits, async (ready, abortSignal) => {
        try {
          const { ChangeInfo } = await ready.send(command, { abortSignal });
          return ChangeInfo?.Status === "INSYNC" ? "INSYNC" : "PENDING";
        } catch (error) {
          if (error instanceof Error && error.name === "NoSuchChange") return "unknown";
          throw error;
        }
      });
    },
    close() {
      client?.then((ready) => ready.destroy()).catch(() => {});
    },
  };
}

/** Region, credentials and endpoint come from the SDK's own chain. One attempt: repeating is the core's decision. */
async function connect(connectionTimeout: number): Promise<Route53Client> {
  const { Route53Client } = await import("@aws-sdk/client-route-53");
  return new Route53Client({ maxAttempts: 1, requestHandler: { connectionTimeout } });
}

function fromWire(set: ResourceRecordSet): RecordSet {
  const { Name, Type, TTL, ResourceRecords, SetIdentifier, Weight, HealthCheckId, ...others } = set;
  const beyond = Object.entries(others).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  return {
    ttl: TTL ?? 0,
    values: (ResourceRecords ?? []).map(({ Value }) => Value ?? ""),
    ...(SetIdentifier !== undefined && { setIdentifier: SetIdentifier }),
    ...(Weight !== undefined && { weight: Weight }),
    ...(HealthCheckId !== undefined && { healthCheckId: HealthCheckId }),
    ...(beyond.length > 0 && { beyond }),
  };
}

function toWire({ name, type, ttl, values, setIdentifier, weight, healthCheckId }: NamedSet): ResourceRecordSet {
  return {
    Name: name,
    Type: type as RRType,
    TTL: ttl,
    ResourceRecords: values.map((Value) => ({ Value })),
    ...(setIdentifier !== undefined && { SetIdentifier: setIdentifier }),
    ...(weight !== undefined && { Weight: weight }),
    ...(healthCheckId !== undefined && { HealthCheckId: healthCheckId }),
  };
}
