import { z } from "zod";
import { Stage } from "../comms/events.ts";
import { isEverybodys, own } from "../own.ts";
import { type IncidentRole, incidentRoles } from "../war-room/events.ts";

/** The bounds that all commands share: what people type is journaled, shown and posted, so it stays short. */
export const Reason = z.string().trim().min(1).max(500);
/** As people say them. */
const ROLE_WORDS: Record<string, IncidentRole> = {
  ic: "incident-commander",
  commander: "incident-commander",
  comms: "communications",
};
/** Names of things. What every object has is none: it would be found in every list. */
const name = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !isEverybodys(text), { error: "is the name of nothing here" });
export const Id = name(100);
export const RegionCode = name(60).describe("a region of the plan");
export const RunId = Id.describe("a run, as `runs` lists them");
export const StepId = Id.describe("a step of that run");
export const PrincipalId = name(63);
export const Empty = z.strictObject({});
/** A person in a field that a form may ask for: an id, as `people` list them. */
export const Person = PrincipalId.describe("the id of a person, as the people file has it");
export const Role = z
  .string()
  .trim()
  .max(40)
  .transform((written, context): IncidentRole => {
    const word = written.toLowerCase().replace(/\s+/g, "-");
    const role = own(ROLE_WORDS, word) ?? incidentRoles.find((one) => one === word);
    if (role) return role;
    context.addIssue({ code: "custom", message: `must be ${incidentRoles.join(", ")} (or ic, comms)` });
    return z.NEVER;
  })
  .describe("incident-commander, communications or scribe");
export const PublicStage = Stage.describe("investigating, identified, degraded, monitoring or resolved");
