import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eventSchemas } from "../../src/events.ts";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/life-of-a-failover.md", root), "utf8");
const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
const paths = [...new Set(quoted.filter((one) => /^(src|adapters|commands|templates|plans)\/[\w./-]*$/.test(one)))];

/** "`decide()` in `src/runs/decide.ts`" */
const named = [...text.matchAll(/`(\w+)\(\)` in `([\w./-]+)`/g)].map(
  (match) => [match[1] ?? "", match[2] ?? ""] as const,
);

describe("docs/life-of-a-failover.md", () => {
  it("follows the failover through many files", () => {
    expect(paths.length).toBeGreaterThan(30);
    expect(named.length).toBeGreaterThan(10);
  });

  it.each(paths)("names a file that is there: %s", (path) => expect(existsSync(new URL(path, root))).toBe(true));

  it.each(named)("names a function where it is: %s in %s", (name, path) => {
    const source = readFileSync(new URL(path, root), "utf8");
    expect(source).toMatch(new RegExp(`(function ${name}\\b|\\b${name}[(:])`));
  });

  const kinds = quoted.filter((one) => /^[a-z]+\.[a-z]+$/.test(one) && !one.endsWith(".ts") && !one.endsWith(".jsonl"));
  it.each([...new Set(kinds)])("names an event that there is: %s", (kind) =>
    expect(Object.keys(eventSchemas)).toContain(kind),
  );
});
