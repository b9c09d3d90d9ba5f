import { z } from "zod";
import { didYouMean } from "./did-you-mean.ts";
import { nameForm, namePattern } from "./file.ts";
import { type Finding, formatPath, type Path } from "./problem.ts";
import { show } from "./secrets.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Issue = z.core.$ZodIssue;

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

/** The schema of what people write (before defaults and conversions), as JSON Schema. */
export function writtenSchema(schema: z.ZodType): JsonSchema {
  const known = jsonSchemas.get(schema);
  if (known) return known;
  const made = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  jsonSchemas.set(schema, made);
  return made;
}

/** Checks a value against a schema and says in words what does not fit, unknown keys included. */
export function schemaFindings(schema: z.ZodType, value: unknown, path: Path = []): Finding[] {
  const written = writtenSchema(schema);
  const result = schema.safeParse(value);
  const issues = result.success ? [] : result.error.issues.filter(({ code }) => code !== "unrecognized_keys");
  return [
    ...unknownKeys(written, value).map((finding) => ({ ...finding, path: [...path, ...finding.path] })),
    ...issues.map((issue) => finding(issue, written, value, path)),
  ];
}

function finding(issue: Issue, schema: JsonSchema, root: unknown, base: Path): Finding {
  const inner = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  const value = valueAt(root, inner);
  const path = [...base, ...inner];
  const leaf = leafName(path);
  const hint = descriptionAt(schema, inner);
  if (issue.code === "invalid_key") return { path, message: `${leaf} is not a name`, hint: nameForm, atKey: true };
  if (value === undefined) return { path, message: `${leaf} is missing`, hint };
  if (issue.code === "invalid_value") {
    const message = `${leaf} must be ${issue.values.length === 1 ? "" : "one of "}${issue.values.join(", ")}, not ${show(value)}`;
    const meant = issue.values.length === 1 ? "" : didYouMean(String(value), issue.values.map(String), "It can be");
    return { path, message, hint: `${meant} ${hint}`.trim() };
  }
  if (issue.code === "invalid_format" && issue.pattern === String(namePattern)) {
    return { path, message: `${leaf}: ${show(value)} is not a name`, hint: nameForm };
  }
  return { path, message: `${leaf}${phrase(issue, value)}`, hint };
}

function leafName(path: Path): string {
  const leaf = path.at(-1);
  return typeof leaf === "number" ? formatPath(path.slice(-2)) : (leaf ?? "the value");
}

function phrase(issue: Issue, value: unknown): string {
  // A schema that words its own message says all that may be said: the value may be a secret.
  if (issue.message.startsWith("must ")) return ` ${issue.message}`;
  if (issue.code === "invalid_type") return ` must be ${typeWord(issue.expected)}, not ${show(value)}`;
  if (issue.code === "too_small") return ` must ${size(issue.origin, `at least ${issue.minimum}`)}`;
  if (issue.code === "too_big") return ` must ${size(issue.origin, `at most ${issue.maximum}`)}`;
  if (issue.code === "invalid_format") {
    return `: ${show(value)} ${issue.format === "url" ? "is not a URL" : "does not have the right form"}`;
  }
  const message = issue.message.startsWith("Invalid") ? `${show(value)} does not fit` : issue.message;
  return `: ${message}`;
}

function size(origin: string, bound: string): string {
  if (origin === "string") return `have ${bound} ${bound.endsWith(" 1") ? "character" : "characters"}`;
  if (origin === "array" || origin === "set") return `have ${bound} ${bound.endsWith(" 1") ? "entry" : "entries"}`;
  return `be ${bound}`;
}

function typeWord(expected: string): string {
  const words: Record<string, string> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a map",
    record: "a map",
  };
  return words[expected] ?? expected;
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Record<string | number, unknown>)[part];
  }, root);
}

/** Keys that the schema does not name; zod drops them from plain objects, which would hide a typing mistake. */
function unknownKeys(schema: JsonSchema, value: unknown, path: Path = []): Finding[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): Finding[] => {
    const part = Array.isArray(value) ? Number(key) : key;
    const child = childSchema(schema, part);
    if (child) return unknownKeys(child, inner, [...path, part]);
    if (Array.isArray(value) || !isClosed(schema)) return [];
    const message = `the key ${key} is not known${path.length === 0 ? "" : ` in ${leafName(path)}`}`;
    return [
      { path: [...path, key], message, hint: didYouMean(key, Object.keys(schema.properties ?? {})), atKey: true },
    ];
  });
}

/** Does this schema list all the keys there may be? */
function isClosed(schema: JsonSchema): boolean {
  const others = schema.additionalProperties;
  return schema.properties !== undefined && (others === undefined || others === false);
}

function childSchema(schema: JsonSchema, part: string | number): JsonSchema | undefined {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  for (const branch of branches) {
    const found = childSchema(branch as JsonSchema, part);
    if (found) return found;
  }
  if (typeof part === "number") return asSchema(schema.items);
  if (schema.properties && Object.hasOwn(schema.properties, part)) return asSchema(schema.properties[part]);
  return asSchema(schema.additionalProperties);
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
}

function descriptionAt(schema: JsonSchema, path: Path): string {
  let current: JsonSchema | undefined = schema;
  let description = "";
  for (const part of path) {
    current = current && childSchema(current, part);
    description = current?.description ?? description;
  }
  return description;
}
