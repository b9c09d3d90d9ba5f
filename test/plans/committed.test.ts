import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createAdapters } from "../../adapters/index.ts";
import { checkPlan } from "../../src/plans/check.ts";
import { planSchemaText } from "../../src/plans/json-schema.ts";
import { violations } from "../helpers/json-schema.ts";

const { registry, close } = createAdapters({ secret: () => undefined, requestTimeoutMs: 1_000 });
afterAll(close);

const folder = new URL("../../plans/", import.meta.url);
const schemaText = readFileSync(new URL("schema.json", folder), "utf8");

describe("plans/schema.json", () => {
  it("is what the adapters of today give; npm run schema writes it", () => {
    expect(schemaText).toBe(planSchemaText(registry));
  });
});

describe.each(readdirSync(folder).filter((file) => file.endsWith(".yaml")))("plans/%s", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");

  it("loads with the real adapters", () => {
    expect(checkPlan(text, { file, registry }).problems).toEqual([]);
  });

  it("has nothing that an editor would underline", () => {
    expect(violations(JSON.parse(schemaText), parse(text, { merge: true }))).toEqual([]);
  });
});
