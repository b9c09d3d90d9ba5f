/** One record set of a name and type, as far as the actions here know record sets. */
export interface RecordSet {
  ttl: number;
  values: string[];
  setIdentifier?: string;
  weight?: number;
  healthCheckId?: string;
  /** Fields that it has and these actions do not know, such as an alias target. */
  beyond?: string[];
}

export interface NamedSet extends RecordSet {
  name: string;
  type: string;
}

export function sameName(a: string, b: string): boolean {
  return canonicalName(a) === canonicalName(b);
}

function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** The same answers to the same questions: names in values compare as names; order and health checks do not matter. */
export function sameSets(a: RecordSet[], b: RecordSet[], type: string): boolean {
  const keys = (sets: RecordSet[]) => sets.map((set) => keyOf(set, type)).sort();
  return JSON.stringify(keys(a)) === JSON.stringify(keys(b));
}

function keyOf({ ttl, values, setIdentifier, weight, beyond }: RecordSet, type: string): string {
  const compared = type === "CNAME" ? values.map(canonicalName) : values;
  return JSON.stringify([setIdentifier ?? "", weight ?? -1, ttl, [...compared].sort(), beyond ?? []]);
}

/** The command that does the same by hand, for the moment when Muster cannot. UPSERT: a person has looked. */
export function commandByHand(zone: string, sets: NamedSet[]): string {
  const Changes = sets.map(({ name, type, ttl, values, setIdentifier, weight, healthCheckId }) => ({
    Action: "UPSERT",
    ResourceRecordSet: {
      Name: name,
      Type: type,
      ...(setIdentifier !== undefined && { SetIdentifier: setIdentifier, Weight: weight }),
      TTL: ttl,
      ResourceRecords: values.map((Value) => ({ Value })),
      ...(healthCheckId !== undefined && { HealthCheckId: healthCheckId }),
    },
  }));
  // A single quote cannot stand inside the quotes of a shell argument.
  const batch = JSON.stringify({ Changes }).replaceAll("'", "'\\''");
  return `aws route53 change-resource-record-sets --hosted-zone-id ${zone} --change-batch '${batch}'`;
}
