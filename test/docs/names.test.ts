import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createAdapters } from "../../adapters/index.ts";
import { commands } from "../../commands/index.ts";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { FLAG_TEXTS } from "../../src/cli/flags.ts";
import { environmentSchema } from "../../src/config.ts";
import { eventSchemas } from "../../src/events.ts";
import { openApi } from "../../src/http/openapi.ts";
import { PlanFile } from "../../src/plans/file.ts";
import { readSources, readText } from "../architecture/sources.ts";
import { createFakeCore } from "../helpers/core.ts";
import { startHttp } from "../http/server.ts";
import { named, page } from "./documents.ts";

const { registry, close } = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
await close();

const all = (pattern: RegExp) => named(({ text }) => [...text.matchAll(pattern)].map(([, name = ""]) => name));

describe("what the documentation names", () => {
  it("is a variable of Muster where it looks like one", () => {
    const sources = readSources("lab", "test").map(({ text }) => text);
    const isKnown = (name: string) =>
      Object.hasOwn(environmentSchema.shape, name) ||
      name.startsWith("MUSTER_SECRET_") ||
      (/^MUSTER_(?:TEST|LAB)_/.test(name) && sources.some((text) => text.includes(name)));
    const variables = all(/\b(MUSTER_[A-Z][A-Z_]*[A-Z])\b/g);
    expect(variables.length).toBeGreaterThan(40);
    expect(variables.filter(([name]) => !isKnown(name))).toEqual([]);
  });

  it("is an event, a recovery action or a field of the plan where it has their form", () => {
    const fields = [...readText("plans/schema.json").matchAll(/"(\w+)": \{/g)].map(([, name]) => name);
    const ids = [registry.actions, registry.probes, registry.traffic].flatMap((one) => [...one.keys()]);
    const first = new Set([...Object.keys(eventSchemas), ...ids].map((name) => name.split(".")[0]));
    const isKnown = (name: string) =>
      Object.hasOwn(eventSchemas, name) || ids.includes(name) || fields.includes(name.split(".")[1]);
    const names = named(({ quoted }) =>
      quoted.filter((one) => /^[a-z]+\.(?!ts$)[a-z0-9-]+$/.test(one) && first.has(one.split(".")[0])),
    );
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter(([name]) => !isKnown(name))).toEqual([]);
  });

  it("is a script of package.json after npm run", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readText("package.json")));
    const asked = all(/npm run (?:-s )?([a-z][\w:-]*)/g);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter(([name]) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe("docs/http-api.md", () => {
  const documented = Object.keys((openApi(commands) as { paths: object }).paths);
  const { app } = startHttp(createFakeCore());
  const routes = [...new Set(app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path))].map((path) =>
    path.replaceAll(/:(\w+)/g, "{$1}"),
  );

  it("and the OpenAPI document have every address of the API", () => {
    const isServed = (path: string) =>
      routes.includes(path) || routes.includes(path.replace(/^(\/api\/v1\/commands\/).*/, "$1{name}"));
    expect(documented.filter((path) => !isServed(path))).toEqual([]);
    const api = routes.filter((path) => path.startsWith("/api/") && !path.includes("*"));
    const left = api.filter((path) => !documented.includes(path) && path !== "/api/v1/commands/{name}");
    expect(left).toEqual([]);
    const { text } = page("docs/http-api.md");
    const said = documented.filter((path) => !path.startsWith("/api/v1/commands/"));
    const last = (path: string) => path.replace("/api/v1/", "").replaceAll(/\{(\w+)\}/g, "<$1>");
    expect(said.filter((path) => !text.includes(last(path)))).toEqual([]);
  });

  it("names each figure of /metrics, and no other", async () => {
    const text = await (await startHttp(createFakeCore()).send("/metrics")).text();
    const served = [...text.matchAll(/^# TYPE (muster_\w+)/gm)].map(([, name]) => name);
    // Roles and databases of docs/deploy.md are called so, too.
    const others = /\b(?:ROLE|DATABASE) (muster_\w+)/g;
    const roles = [...page("docs/deploy.md").text.matchAll(others)].map(([, name]) => name);
    const told = all(/\b(muster_\w+)\b/g).map(([name]) => name);
    expect(served.length).toBeGreaterThan(4);
    expect(page("docs/http-api.md").quoted).toEqual(expect.arrayContaining(served));
    expect(told.filter((name) => !served.includes(name) && !roles.includes(name))).toEqual([]);
  });
});

describe("docs/cli.md", () => {
  const { text, quoted } = page("docs/cli.md");

  it("has every command", () => {
    const words = quoted.map((one) => one.replace(/^dr /, ""));
    const has = (name: string) => words.some((one) => one === name || one.startsWith(`${name} `));
    expect(commands.map(({ name }) => name).filter((name) => !has(name))).toEqual([]);
  });

  it("has the exit codes and the flags that there are", () => {
    expect([...text.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code))).toEqual(Object.values(EXIT));
    expect(FLAG_TEXTS.map(([flag]) => flag).filter((flag) => !quoted.includes(flag))).toEqual([]);
  });
});

describe("docs/plans.md and its neighbours", () => {
  it("have every field of a plan", () => {
    const code = ["docs/plans.md", "docs/communication.md"].flatMap((file) => [
      ...page(file).quoted,
      ...page(file).blocks.map(({ text }) => text),
    ]);
    const fields = fieldsOf(z.toJSONSchema(PlanFile, { io: "input" }));
    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter((name) => !code.some((text) => new RegExp(`\\b${name}\\b`).test(text)))).toEqual([]);
  });

  it("have every recovery action", () => {
    const ids = [...registry.actions.keys()];
    const left = (file: string) => ids.filter((id) => !page(file).quoted.includes(id));
    expect(left("docs/reliability.md")).toEqual([]);
    expect(left("docs/plans.md")).toEqual([]);
  });
});

/** The names of all fields of a JSON Schema, at any depth; what people name themselves is none. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const {
    properties = {},
    items,
    additionalProperties,
    anyOf = [],
  } = schema as Record<string, object | undefined> & {
    anyOf?: object[];
  };
  const below = [...Object.values(properties), items, additionalProperties, ...anyOf];
  return [...new Set([...Object.keys(properties), ...below.flatMap(fieldsOf)])];
}
