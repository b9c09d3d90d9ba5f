import { z } from "zod";
import { Stage } from "../comms/events.ts";

/** The bounds that all commands share: what people type is journaled, shown and posted, so it stays short. */
export const Reason = z.string().trim().min(1).max(500);
export const Id = z.string().trim().min(1).max(100);
export const RegionCode = z.string().trim().min(1).max(60).describe("a region of the plan");
export const RunId = Id.describe("a run, as `runs` lists them");
export const StepId = Id.describe("a step of that run");
export const PrincipalId = z.string().trim().min(1).max(63);
export const Empty = z.strictObject({});
export const PublicStage = Stage.describe("investigating, identified, degraded, monitoring or resolved");
