/** What Azure does not take in a schema with `strict: true`, from its page on structured outputs. */
const FORBIDDEN = new Set([
  "pattern",
  "format",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
  "uniqueItems",
  "contains",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
]);
const MOST_PROPERTIES = 100;
const DEEPEST = 5;

type Node = Record<string, unknown>;

/** Everything for which Azure would refuse a JSON Schema in strict mode; empty when it would take it. Pure. */
export function strictFaults(schema: unknown): string[] {
  if (!isNode(schema)) return ["the schema is not an object"];
  const root = schema.type === "object" ? [] : ["the root must be an object, and no union"];
  const found = walk(schema, "$", 0);
  const many = found.properties > MOST_PROPERTIES ? [`${found.properties} properties, at most ${MOST_PROPERTIES}`] : [];
  return [...root, ...found.faults, ...many];
}

interface Found {
  faults: string[];
  properties: number;
}

function walk(node: Node, path: string, depth: number): Found {
  const faults = Object.keys(node)
    .filter((key) => FORBIDDEN.has(key))
    .map((key) => `${path}: ${key} is not taken`);
  const properties = isNode(node.properties) ? Object.entries(node.properties) : [];
  if (node.type === "object") {
    if (node.additionalProperties !== false) faults.push(`${path}: additionalProperties must be false`);
    const required = Array.isArray(node.required) ? node.required : [];
    for (const [name] of properties) if (!required.includes(name)) faults.push(`${path}.${name} must be required`);
    if (depth >= DEEPEST) faults.push(`${path}: deeper than ${DEEPEST} levels`);
  }
  const inner = [
    ...properties.map(([name, child]) => [`${path}.${name}`, child] as const),
    ...(isNode(node.items) ? [[`${path}[]`, node.items] as const] : []),
    ...(Array.isArray(node.anyOf) ? node.anyOf.map((child, index) => [`${path}|${index}`, child] as const) : []),
    ...(isNode(node.$defs)
      ? Object.entries(node.$defs).map(([name, child]) => [`${path}#${name}`, child] as const)
      : []),
  ].flatMap(([at, child]) => (isNode(child) ? [walk(child, at, depth + (node.type === "object" ? 1 : 0))] : []));
  return {
    faults: [...faults, ...inner.flatMap((one) => one.faults)],
    properties: properties.length + inner.reduce((sum, one) => sum + one.properties, 0),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
