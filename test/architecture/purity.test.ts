import { describe, expect, it } from "vitest";
import { readSources, type Source } from "./sources.ts";

const sources = new Map(readSources("src").map((source) => [source.file, source]));

/** What decides, folds, views and describes: the same input gives the same output, on any machine, at any time. */
const PURE = [
  /^src\/fold\.ts$/,
  /^src\/state\.ts$/,
  /^src\/[\w-]+\/(fold|events)\.ts$/,
  /^src\/[\w-]+\/([\w-]+-)?views?\.ts$/,
  /^src\/[\w-]+\/decide(-[\w-]+)?\.ts$/,
  /^src\/approvals\/envelope\.ts$/,
  /^src\/runs\/(guards|step-guards|capacity|break-glass|fold-guards|inputs|evidence)\.ts$/,
  /^src\/detection\/(verdicts|loss|availability)\.ts$/,
  /^src\/journal\/(redact|upcast)\.ts$/,
  /^src\/events\//,
  /^src\/format\.ts$/,
  /^src\/cards\//,
  /^src\/assistant\/(?!endpoints|prompt|writer|ask\.ts|connect|evidence|look|monitor-file|talk)/,
  /^src\/reports\/(?!write\.ts|render\.ts)/,
];
/** Node's own that compute and nothing else; of node:crypto that holds for hashes, and chance is looked for below. */
const HARMLESS = ["node:util", "node:assert", "node:crypto"];
const IMPURE: [string, RegExp][] = [
  ["a clock", /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\s*\.|\bTemporal\.Now\b/],
  ["chance", /\bMath\.random\b|\bcrypto\s*\.|\brandom(UUID|Bytes|Int|FillSync)\b|\bgenerateKey/],
  ["a timer", /\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ["the process", /\bprocess\s*[.[]|\bglobalThis\b/],
  ["the network", /\bfetch\(|\bWebSocket\b/],
];

const pure = [...sources.values()].filter(({ file }) => PURE.some((pattern) => pattern.test(file)));

/** Everything that a file loads, however far away, with itself. */
function loadedBy(source: Source, seen = new Set<string>()): Set<string> {
  if (seen.has(source.file)) return seen;
  seen.add(source.file);
  for (const { to, typeOnly } of source.imports) {
    const next = typeOnly ? undefined : sources.get(to);
    if (next) loadedBy(next, seen);
  }
  return seen;
}

describe("deciding and viewing", () => {
  it("is looked at in all of its files", () => {
    for (const pattern of PURE)
      expect(
        pure.filter(({ file }) => pattern.test(file)),
        `${pattern}`,
      ).not.toEqual([]);
  });

  it("reads no clock, takes no chance and touches nothing, nor does what it loads", () => {
    const loaded = new Set(pure.flatMap((source) => [...loadedBy(source)]));
    const offences = [...loaded].flatMap((file) => {
      const { code = "", imports = [] } = sources.get(file) ?? {};
      const uses = IMPURE.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${file} uses ${what}`);
      const node = imports.filter(({ to, typeOnly }) => to.startsWith("node:") && !typeOnly && !HARMLESS.includes(to));
      return [...uses, ...node.map(({ to }) => `${file} loads ${to}`)];
    });
    expect(offences).toEqual([]);
  });
});
