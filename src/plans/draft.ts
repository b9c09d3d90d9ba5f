import type { z } from "zod";
import {
  CommunicationFile,
  DetectionFile,
  type PlanFile,
  PolicyFile,
  RegionFile,
  type RunbookFile,
  ServiceFile,
  StepFile,
  StoreFile,
  TrafficFile,
  WarRoomFile,
} from "./file.ts";
import type { Path } from "./problem.ts";
import { isGroup } from "./vars.ts";

/**
 * What of a plan file can be understood, however broken the rest is, so that the checks on meaning can run
 * together with those on form and people see every mistake at once. What the schema refused is absent here.
 */
export interface Draft {
  home: string | undefined;
  /** As written, also of regions whose content is wrong: a mistake must not cause a second one elsewhere. */
  regionCodes: string[];
  serviceNames: string[];
  storeNames: string[];
  regions: Record<string, PlanFile["regions"][string]>;
  services: Record<string, PlanFile["services"][string]>;
  stores: Record<string, PlanFile["stores"][string]>;
  detection: DetectionFile | undefined;
  traffic: PlanFile["traffic"] | undefined;
  communication: CommunicationFile | undefined;
  warRoom: WarRoomFile | undefined;
  runbooks: DraftRunbook[];
}

export interface DraftRunbook {
  name: string;
  path: Path;
  kind: RunbookFile["kind"] | undefined;
  trigger: RunbookFile["trigger"] | undefined;
  policy: RunbookFile["policy"] | undefined;
  steps: DraftStep[];
}

export interface DraftStep {
  path: Path;
  id: string | undefined;
  uses: string | undefined;
  needs: string[];
  with: unknown;
  when: unknown;
  prepare: boolean;
  pointOfNoReturn: boolean;
}

export function draftOf(value: unknown): Draft {
  const raw = group(value);
  return {
    home: text(raw.home),
    regionCodes: Object.keys(group(raw.regions)),
    serviceNames: Object.keys(group(raw.services)),
    storeNames: Object.keys(group(raw.stores)),
    regions: entries(RegionFile, raw.regions),
    services: entries(ServiceFile, raw.services),
    stores: entries(StoreFile, raw.stores),
    detection: part(DetectionFile, raw.detection),
    traffic: part(TrafficFile, raw.traffic),
    communication: part(CommunicationFile, raw.communication),
    warRoom: part(WarRoomFile, raw.warRoom),
    runbooks: Object.entries(group(raw.runbooks)).map(([name, runbook]) => draftRunbook(name, group(runbook))),
  };
}

function draftRunbook(name: string, raw: Record<string, unknown>): DraftRunbook {
  const path = ["runbooks", name];
  const steps = Array.isArray(raw.steps) ? raw.steps : [];
  return {
    name,
    path,
    kind: oneOf(["failover", "failback", "rejoin", "custom"], raw.kind ?? "custom"),
    trigger: oneOf(["manual", "region-down", "region-returned"], raw.trigger ?? "manual"),
    policy: part(PolicyFile, raw.policy ?? {}),
    steps: steps.map((step, index) => draftStep([...path, "steps", index], group(step))),
  };
}

function draftStep(path: Path, raw: Record<string, unknown>): DraftStep {
  return {
    path,
    id: part(StepFile.shape.id, raw.id),
    uses: text(raw.uses),
    needs: [raw.needs].flat().filter((need) => typeof need === "string"),
    with: raw.with ?? {},
    when: raw.when ?? true,
    prepare: raw.prepare === true,
    pointOfNoReturn: raw.pointOfNoReturn === true,
  };
}

function group(value: unknown): Record<string, unknown> {
  return isGroup(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((one) => one === value);
}

function part<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function entries<T extends z.ZodType>(schema: T, value: unknown): Record<string, z.infer<T>> {
  const good = Object.entries(group(value)).flatMap(([key, inner]): [string, z.infer<T>][] => {
    const parsed = schema.safeParse(inner);
    return parsed.success ? [[key, parsed.data]] : [];
  });
  return Object.fromEntries(good);
}
