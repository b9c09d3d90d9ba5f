import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readSources, readText, root, topFolder } from "./sources.ts";

const product = readSources("src", "adapters", "commands", "prompts", "templates", "lab");
const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = Manifest.parse(JSON.parse(readText("package.json")));
const LONGEST_FILE = 300;

describe("the environment", () => {
  it("is read where a process begins, and by the lab, and by nobody else", () => {
    const readers = product.filter(({ code, imports }) => {
      const named = imports.some(({ to }) => to === "node:process" || to === "process");
      return /\bprocess\s*(\.\s*env|\[)/.test(code) || /\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(code) || named;
    });
    const known = ({ file }: { file: string }) => file === "src/main.ts" || topFolder(file) === "lab";
    expect(readers.filter((source) => !known(source)).map(({ file }) => file)).toEqual([]);
  });
});

describe("a file", () => {
  it("is short enough to be read at once", () => {
    const long = product.map(({ file, text }) => ({ file, lines: text.trimEnd().split("\n").length }));
    expect(long.filter(({ lines }) => lines > LONGEST_FILE)).toEqual([]);
  });

  it("is written in the part of TypeScript that is stripped without a build", () => {
    const enums = product.filter(({ code }) => /^\s*(?:export )?(?:const )?(?:enum|namespace) \w+/m.test(code));
    expect(enums.map(({ file }) => file)).toEqual([]);
  });

  it("takes other files by their whole name", () => {
    const short = product.flatMap(({ file, imports }) =>
      imports.filter(({ from }) => from.startsWith(".") && !from.endsWith(".ts")).map(({ from }) => `${file}: ${from}`),
    );
    expect(short).toEqual([]);
  });
});

describe("the tests", () => {
  const tests = readSources("test");

  it("are all run: none is left out, left for later or alone", () => {
    const left = tests.flatMap(({ file, code }) => {
      const found = code.match(/\b(?:it|describe|bench)(?:\.\w+)*\.(?:skip|only|todo|fails)\b/g) ?? [];
      return found.map((what) => `${file}: ${what}`);
    });
    expect(left).toEqual([]);
  });

  it("call themselves `it`, so that the check above sees every one", () => {
    const named = /import\s*\{[^}]*\b(?:test|suite|xit|fit)\b[^}]*\}\s*from\s*"vitest"/;
    expect(tests.filter(({ text }) => named.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it("put nothing in the place of a module", () => {
    const mocking = tests.filter(({ code }) => /\bvi\s*\.\s*(?:mock|doMock|hoisted|stubGlobal)\b/.test(code));
    expect(mocking.map(({ file }) => file)).toEqual([]);
  });
});

describe("the packages", () => {
  const imported = new Set(product.flatMap(({ imports }) => imports).map(({ to }) => to));

  it("are each used by something", () => {
    expect(Object.keys(manifest.dependencies).filter((name) => !imported.has(name))).toEqual([]);
  });

  it("are each pinned to one version", () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(loose.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it("are locked by their content, without the address of a registry", () => {
    const lock = readText("package-lock.json");
    expect(lock).not.toContain('"resolved"');
    expect(lock).toContain('"integrity"');
    const Lock = z.object({ packages: z.object({ "": Manifest }) });
    expect(Lock.parse(JSON.parse(lock)).packages[""]).toEqual(manifest);
  });
});

describe("what is published", () => {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
  const isText = (file: string) => !/\.(png|jpe?g|gif|ico|webp|woff2?|zip|gz|db)$/.test(file);

  it("names no place on the machine where it was made", () => {
    // Put together, so that this file does not name any itself.
    const homes = ["home", "Users", "work", "root"].map((name) => `/${name}/`).join("|");
    const place = new RegExp(`(?<![\\w.\\])}-])(?:${homes})[\\w.-]+|[A-Z]:\\\\Users`);
    const found = files.filter(isText).flatMap((file) => {
      const line = readText(file)
        .split("\n")
        .findIndex((text) => place.test(text));
      return line < 0 ? [] : [`${file}:${line + 1}`];
    });
    expect(files.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });
});
