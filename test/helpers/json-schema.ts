type Json = Record<string, unknown>;

/**
 * Checks a value against the part of JSON Schema that our generated schemas use, as an editor would, and gives
 * the paths of what does not fit. An unknown keyword is an error, so that no rule goes unchecked.
 */
export function violations(root: Json, value: unknown, schema: Json = root, path = ""): string[] {
  const found = Object.entries(schema).flatMap(([keyword, rule]) => {
    const check = keywords[keyword];
    if (!check) throw new Error(`The schema uses ${keyword}, which this check does not know`);
    return check({ root, value, schema, path }, rule as never);
  });
  return [...new Set(found)];
}

interface Place {
  root: Json;
  value: unknown;
  schema: Json;
  path: string;
}

type Check = (place: Place, rule: never) => string[];
const fine: Check = () => [];
const verdict = (ok: boolean, path: string) => (ok ? [] : [path]);

const keywords: Record<string, Check> = {
  $schema: fine,
  $defs: fine,
  title: fine,
  description: fine,
  markdownEnumDescriptions: fine,
  default: fine,
  format: fine,
  // biome-ignore lint/suspicious/noThenProperty: this is the keyword of JSON Schema, and nobody awaits it.
  then: fine,
  additionalProperties: fine,
  type: ({ value, path }, type: string) => verdict(typeOf(value, type), path),
  const: ({ value, path }, wanted: unknown) => verdict(value === wanted, path),
  enum: ({ value, path }, choices: unknown[]) => verdict(choices.includes(value), path),
  pattern: ({ value, path }, pattern: string) =>
    verdict(typeof value !== "string" || new RegExp(pattern).test(value), path),
  minimum: ({ value, path }, bound: number) => verdict(typeof value !== "number" || value >= bound, path),
  maximum: ({ value, path }, bound: number) => verdict(typeof value !== "number" || value <= bound, path),
  exclusiveMinimum: ({ value, path }, bound: number) => verdict(typeof value !== "number" || value > bound, path),
  minLength: ({ value, path }, bound: number) => verdict(typeof value !== "string" || value.length >= bound, path),
  maxLength: ({ value, path }, bound: number) => verdict(typeof value !== "string" || value.length <= bound, path),
  minItems: ({ value, path }, bound: number) => verdict(!Array.isArray(value) || value.length >= bound, path),
  maxItems: ({ value, path }, bound: number) => verdict(!Array.isArray(value) || value.length <= bound, path),
  required: ({ value, path }, keys: string[]) =>
    isMap(value) ? keys.filter((key) => !(key in value)).map((key) => `${path}/${key}`) : [],
  items: ({ root, value, path }, rule: Json) =>
    Array.isArray(value) ? value.flatMap((item, index) => violations(root, item, rule, `${path}/${index}`)) : [],
  properties: ({ root, value, path, schema }, rules: Record<string, Json>) => {
    if (!isMap(value)) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      const rule = rules[key] ?? schema.additionalProperties;
      if (rule === false) return [`${path}/${key}`];
      return isMap(rule) ? violations(root, inner, rule, `${path}/${key}`) : [];
    });
  },
  propertyNames: ({ root, value, path, schema }, rule: Json) => {
    if (!isMap(value)) return [];
    const others = schema.properties === undefined ? schema.additionalProperties : undefined;
    return Object.entries(value).flatMap(([key, inner]) => [
      ...violations(root, key, rule, `${path}/${key}`),
      ...(isMap(others) ? violations(root, inner, others, `${path}/${key}`) : []),
    ]);
  },
  anyOf: ({ root, value, path }, rules: Json[]) =>
    verdict(
      rules.some((rule) => violations(root, value, rule, path).length === 0),
      path,
    ),
  allOf: ({ root, value, path }, rules: Json[]) => rules.flatMap((rule) => violations(root, value, rule, path)),
  if: ({ root, value, path, schema }, rule: Json) =>
    violations(root, value, rule, path).length === 0 ? violations(root, value, schema.then as Json, path) : [],
  $ref: ({ root, value, path }, ref: string) => {
    const rule = ref
      .slice(2)
      .split("/")
      .reduce<Json>((inner, key) => inner[key] as Json, root);
    return violations(root, value, rule, path);
  },
};

function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown, type: string): boolean {
  if (type === "object") return isMap(value);
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
