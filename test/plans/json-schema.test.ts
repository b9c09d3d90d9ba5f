import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { planSchema } from "../../src/plans/json-schema.ts";
import { violations } from "../helpers/json-schema.ts";
import { createTestRegistry } from "../helpers/registry.ts";

const schema = planSchema(createTestRegistry());
const fixtures = new URL("../fixtures/plans/", import.meta.url);
const read = (file: URL) => parse(readFileSync(file, "utf8"), { merge: true }) as unknown;
const fixture = (name: string) => violations(schema, read(new URL(`${name}.yaml`, fixtures)));

describe("the schema for editors", () => {
  it("finds nothing wrong in the plans that are good", () => {
    const plans = new URL("../../plans/", import.meta.url);
    for (const name of readdirSync(plans).filter((file) => file.endsWith(".yaml"))) {
      expect(violations(schema, read(new URL(name, plans)))).toEqual([]);
    }
    expect(fixture("good")).toEqual([]);
  });

  it.each([
    ["bad-action-input", "/runbooks/failover/steps/0/with/replicas"],
    ["missing-action-input", "/runbooks/failover/steps/0/with/readyAt"],
    ["unknown-action-input", "/runbooks/failover/steps/0/with/replica"],
    ["unknown-action", "/runbooks/failover/steps/1/uses"],
    ["unknown-probe", "/detection/probes/0/uses"],
    ["unknown-store-kind", "/stores/sessions/kind"],
    ["unknown-traffic-source", "/traffic/uses"],
    ["unknown-top-level-key", "/qarantine"],
    ["missing-home", "/home"],
    ["bad-duration", "/runbooks/failover/steps/1/timeout"],
    ["bad-step-id", "/runbooks/failover/steps/3/id"],
    ["wrong-choice", "/services/api/strategy"],
    ["quorum-zero", "/runbooks/failover/policy/quorum"],
    ["unknown-role", "/runbooks/failover/policy/roles/0"],
  ])("finds %s where it stands", (name, path) => {
    expect(fixture(name)).toEqual([path]);
  });

  it("lets a look-up stand for a number, a choice and a duration", () => {
    const plan = read(new URL("good.yaml", fixtures)) as {
      runbooks: { failover: { steps: { with: Record<string, unknown> }[] } };
    };
    const [scale, , , shift] = plan.runbooks.failover.steps;
    Object.assign(scale!.with, { replicas: "${{ vars.replicas }}", readyAt: "eight" });
    Object.assign(shift!.with, { type: "${{ vars.type }}", ttl: "${{ vars.ttl }}" });
    expect(violations(schema, plan)).toEqual(["/runbooks/failover/steps/0/with/readyAt"]);
  });

  it("asks for the inputs of an action that cannot do without", () => {
    const plan = read(new URL("good.yaml", fixtures)) as { runbooks: { failover: { steps: { with?: unknown }[] } } };
    delete plan.runbooks.failover.steps[1]?.with;
    expect(violations(schema, plan)).toEqual(["/runbooks/failover/steps/1/with"]);
  });

  it("describes every field of the plan", () => {
    expect(undescribed(schema)).toEqual([]);
  });
});

/** Paths of properties without a sentence about them, the inputs of actions left aside (their own suite asks for it). */
function undescribed(node: unknown, path = ""): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]): string[] => {
    if (key === "allOf" || key === "$defs") return [];
    const own = path.endsWith("/properties") && !("description" in (value as object)) ? [`${path}/${key}`] : [];
    return [...own, ...undescribed(value, `${path}/${key}`)];
  });
}
