import { globSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { readSources, root } from "../architecture/sources.ts";
import { leads, named, pages } from "./documents.ts";

const links = pages.flatMap(({ file, prose }) =>
  [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = ""]) => [file, to] as const),
);
const inside = links.filter(([, to]) => !/^[a-z]+:/.test(to));

describe("the links of the documentation", () => {
  it("lead somewhere", () => {
    const lost = inside.filter(([file, to]) => {
      return !leads(to.startsWith("#") ? `${file}${to}` : normalize(join(dirname(file), to)));
    });
    expect(inside.length).toBeGreaterThan(60);
    expect(lost).toEqual([]);
  });

  it("reach every page from another one", () => {
    const reached = new Set(inside.map(([file, to]) => normalize(join(dirname(file), to.split("#")[0] ?? ""))));
    const left = pages.filter(({ file }) => !file.startsWith("docs/decisions/") && file !== "README.md");
    expect(left.map(({ file }) => file).filter((file) => !reached.has(file))).toEqual([]);
  });

  it("of comments lead to a file", () => {
    const sources = readSources("src", "adapters", "commands", "lab", "manifest", "bench", "prompts");
    const said = sources.flatMap(({ file, text }) =>
      (text.match(/^\s*(?:\*|\/\/|\/\*\*).*$/gm) ?? []).flatMap((line) =>
        [
          ...line.matchAll(/(?<![\w./-])((?:src|adapters|commands|lab|test|docs|plans)\/[\w./-]+\.(?:ts|md|yaml))\b/g),
        ].map(([, to = ""]) => [file, to] as const),
      ),
    );
    expect(said.length).toBeGreaterThan(3);
    expect(said.filter(([, to]) => !leads(to))).toEqual([]);
  });

  it("of a program's own texts lead to a page", () => {
    const told = readSources("src", "adapters", "commands", "lab", "test", "bench", "manifest").flatMap(
      ({ file, text }) => [...text.matchAll(/docs\/[\w/-]+\.md(?:#[\w-]+)?/g)].map(([to]) => [file, to] as const),
    );
    expect(told.length).toBeGreaterThan(20);
    expect(told.filter(([, to]) => !leads(to))).toEqual([]);
  });
});

const FILE = /^(?:src|adapters|commands|templates|plans|lab|test|docs|prompts|bench|manifest|bin)\/[\w.*/-]*$/;

describe("the files that the documentation names", () => {
  it("are there", () => {
    const files = named(({ quoted }) => quoted.filter((one) => FILE.test(one) && !one.includes("NNNN")));
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter(([path]) => globSync(path, { cwd: root }).length === 0)).toEqual([]);
  });
});
