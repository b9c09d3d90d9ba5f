import { writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Registry } from "../ports.ts";
import { PlanFile } from "./file.ts";

type Json = Record<string, unknown>;

/**
 * The JSON Schema of the plan file for editors: the loader's own schema, with the inputs of every action and
 * probe by its id. It knows less than the loader (no references, no order), and nothing else.
 */
export function planSchema(registry: Registry): Json {
  const schema = z.toJSONSchema(PlanFile, { io: "input", unrepresentable: "any" }) as Json;
  const step = at(schema, "properties", "runbooks", "additionalProperties", "properties", "steps", "items");
  const detection = at(schema, "properties", "detection", "properties");
  const copies = at(schema, "properties", "stores", "additionalProperties");
  choose(step, "uses", "with", inputs(registry.actions));
  choose(at(detection, "probes", "items"), "uses", "with", inputs(registry.probes));
  choose(at(detection, "outside"), "uses", "with", inputs(registry.probes));
  choose(at(schema, "properties", "traffic"), "uses", "with", inputs(registry.traffic));
  chooseCopies(copies, registry);
  return {
    ...(allowLookups(schema) as Json),
    title: "Muster plan",
    description: "What is protected, how its failure is seen, and how it is recovered. Written by: npm run schema.",
    $defs,
  };
}

/** The file as it is committed. */
export function planSchemaText(registry: Registry): string {
  return `${JSON.stringify(planSchema(registry), null, 2)}\n`;
}

export async function writeSchema(registry: Registry, path = "plans/schema.json"): Promise<void> {
  await writeFile(path, planSchemaText(registry));
}

const $defs = {
  lookup: {
    type: "string",
    pattern: "^\\$\\{\\{[^{}]*\\}\\}$",
    description: "A look-up: ${{ vars.name }}, and in steps ${{ source.name }}, ${{ target.name }}, ${{ run.id }}.",
  },
  text: { type: "string", pattern: "\\$\\{\\{[^{}]*\\}\\}", description: "A text with look-ups in it." },
};

function at(schema: Json, ...path: string[]): Json {
  return path.reduce<Json>((inner, key) => inner[key] as Json, schema);
}

interface Use {
  id: string;
  summary: string;
  schema: Json;
}

function inputs(known: ReadonlyMap<string, { input: z.ZodType; summary?: string }>): Use[] {
  return [...known].map(([id, { input, summary }]) => ({ id, summary: summary ?? id, schema: written(input) }));
}

function written(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Json;
  // The loader refuses keys that are not named, also where the action's own schema would drop them.
  return json.properties && json.additionalProperties === undefined ? { ...json, additionalProperties: false } : json;
}

/** Ties the schema of one key to the value of another: editors then complete and check the inputs of each id. */
function choose(holder: Json, by: string, key: string, uses: Use[]): void {
  const properties = holder.properties as Json;
  const own = properties[by] as Json;
  properties[by] = {
    ...own,
    enum: uses.map(({ id }) => id),
    markdownEnumDescriptions: uses.map(({ summary }) => summary),
  };
  holder.allOf = uses.map(({ id, schema }) => ({
    if: { properties: { [by]: { const: id } }, required: [by] },
    // biome-ignore lint/suspicious/noThenProperty: this is the keyword of JSON Schema, and nobody awaits it.
    then: { properties: { [key]: schema }, ...(schema.required !== undefined && { required: [key] }) },
  }));
}

function chooseCopies(store: Json, registry: Registry): void {
  const kinds = [...registry.replication].map(([kind, { input }]) => {
    const schema = { type: "object", additionalProperties: written(input) };
    return { id: kind, summary: kind, schema };
  });
  choose(store, "kind", "copies", kinds);
}

/** Wherever a number, a choice or a text of some form may stand, a look-up may stand too. */
function allowLookups(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowLookups);
  if (typeof schema !== "object" || schema === null) return schema;
  if (!isNarrowLeaf(schema as Json)) {
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [key, untouched.has(key) ? value : allowLookups(value)]),
    );
  }
  const { description, default: byDefault, ...leaf } = schema as Json;
  const branches = (leaf.anyOf as Json[] | undefined) ?? [leaf];
  const wider = branches.some(({ type }) => type === "string") ? "text" : "lookup";
  return {
    ...(description !== undefined && { description }),
    ...(byDefault !== undefined && { default: byDefault }),
    anyOf: [...branches, { $ref: `#/$defs/${wider}` }],
  };
}

/** Names and ids are never looked up: what a plan is made of can be seen by reading it. */
const untouched = new Set(["propertyNames", "if", "enum", "default", "required", "id", "uses", "kind", "version"]);

function isNarrowLeaf(schema: Json): boolean {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.every((branch) => isLeaf(branch as Json));
  if (!isLeaf(schema)) return false;
  return schema.type !== "string" || "pattern" in schema || "format" in schema || "enum" in schema;
}

function isLeaf({ type, enum: choices }: Json): boolean {
  return choices !== undefined || ["string", "number", "integer", "boolean"].includes(String(type));
}
