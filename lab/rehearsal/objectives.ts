import { readFileSync } from "node:fs";
import ms, { type StringValue } from "ms";
import { parse } from "yaml";

export interface Objectives {
  rtoMs: number;
  rpoMs: number;
}

/** The targets of the plan's first service, read from the file so that the measure does not come from Muster. */
export function readObjectives(planPath: string): Objectives {
  const plan = parse(readFileSync(planPath, "utf8"), { merge: true }) as {
    services: Record<string, { objectives: { rto: StringValue; rpo: StringValue } }>;
  };
  const [service] = Object.values(plan.services);
  if (!service) throw new Error(`${planPath} has no service`);
  return { rtoMs: ms(service.objectives.rto), rpoMs: ms(service.objectives.rpo) };
}
