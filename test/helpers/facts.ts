import { z } from "zod";
import { ReportFacts } from "../../src/reports/schema.ts";

export interface Change {
  path: Path;
  facts: ReportFacts;
}
export type Path = readonly (string | number)[];

/** The facts with one leaf changed, one optional field removed, or one list emptied; one of these at a time. */
export function* changes(
  facts: ReportFacts,
  schema: z.ZodType = ReportFacts,
  value: unknown = facts,
  path: Path = [],
): Generator<Change> {
  const inner = unwrap(schema, value);
  const changed = (next: unknown): Change => ({ path, facts: ReportFacts.parse(replaceAt(facts, path, next)) });
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape as Record<string, z.ZodType>)) {
      const present = (value as Record<string, unknown>)[key];
      if (present === undefined) continue;
      if (child instanceof z.ZodExactOptional)
        yield { path: [...path, key, "(removed)"], facts: removeAt(facts, [...path, key]) };
      yield* changes(facts, child, present, [...path, key]);
    }
  } else if (inner instanceof z.ZodArray) {
    const items = value as unknown[];
    if (items.length > 0) yield { ...changed([]), path: [...path, "(emptied)"] };
    // Lists of one kind: the first few and the last say what the others say.
    for (const [index, item] of items.entries()) {
      if (index < 6 || index === items.length - 1)
        yield* changes(facts, inner.element as z.ZodType, item, [...path, index]);
    }
  } else if (inner instanceof z.ZodEnum) {
    for (const option of inner.options.filter((one) => one !== value))
      yield { ...changed(option), path: [...path, `(${option})`] };
  } else if (!(inner instanceof z.ZodLiteral)) yield changed(other(value));
}

function unwrap(schema: z.ZodType, value: unknown): z.ZodType {
  if (schema instanceof z.ZodExactOptional) return unwrap(schema.unwrap() as z.ZodType, value);
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const found = (schema.options as z.ZodType[]).find((option) => option.safeParse(value).success);
  if (!found) throw new Error("a value fits no option of its union");
  return found;
}

function other(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 3_723_000;
  if (typeof value !== "string") throw new Error(`no other value for ${typeof value}`);
  const instant = z.iso.datetime().safeParse(value).success;
  return instant ? new Date(Date.parse(value) + 90_061_000).toISOString() : `${value}x`;
}

function replaceAt(root: ReportFacts, path: Path, next: unknown): unknown {
  const copy = structuredClone(root);
  const { parent, key } = find(copy, path);
  parent[key] = next;
  return copy;
}

function removeAt(root: ReportFacts, path: Path): ReportFacts {
  const copy = structuredClone(root);
  const { parent, key } = find(copy, path);
  delete parent[key];
  return ReportFacts.parse(copy);
}

function find(root: unknown, path: Path): { parent: Record<string | number, unknown>; key: string | number } {
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string | number, unknown>)[key], root);
  return { parent: parent as Record<string | number, unknown>, key: path.at(-1) ?? "" };
}

/** "runs.*.steps.*.remark" for every value that there is. */
export function valuePaths(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuePaths(item, `${path}.*`));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => valuePaths(inner, path === "" ? key : `${path}.${key}`));
}

export function schemaPaths(schema: z.ZodType, path = ""): string[] {
  if (schema instanceof z.ZodExactOptional) return schemaPaths(schema.unwrap() as z.ZodType, path);
  if (schema instanceof z.ZodArray) return schemaPaths(schema.element as z.ZodType, `${path}.*`);
  if (schema instanceof z.ZodDiscriminatedUnion)
    return (schema.options as z.ZodType[]).flatMap((option) => schemaPaths(option, path));
  if (!(schema instanceof z.ZodObject)) return [path];
  const shape = schema.shape as Record<string, z.ZodType>;
  return Object.entries(shape).flatMap(([key, child]) => schemaPaths(child, path === "" ? key : `${path}.${key}`));
}

/** The facts with every free text replaced: not words of a list, not moments. */
export function withEveryText(facts: ReportFacts, text: string): ReportFacts {
  const replaced = [...changes(facts)].filter(({ path, facts: changed }) => isFreeText(facts, changed, path));
  const copy = structuredClone(facts);
  for (const { path } of replaced) {
    const { parent, key } = find(copy, path);
    parent[key] = text;
  }
  return ReportFacts.parse(copy);
}

function isFreeText(facts: ReportFacts, changed: ReportFacts, path: Path): boolean {
  const { parent, key } = find(facts, path);
  const old = parent[key];
  if (typeof old !== "string" || String(key).startsWith("(")) return false;
  const now = find(changed, path).parent[key];
  return now === `${old}x`;
}
