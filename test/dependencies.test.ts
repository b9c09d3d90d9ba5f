import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const Names = z.record(z.string(), z.string()).transform((packages) => Object.keys(packages).toSorted());
const Manifest = z.object({ dependencies: Names, devDependencies: Names });

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const manifest = Manifest.parse(JSON.parse(read("package.json")));
const [, runTime = "", development = ""] = read("docs/dependencies.md").split(/^## .*$/m);
const rows = (section: string) =>
  [...section.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, name = "", cells = ""]) => ({ name, cells }));

describe("docs/dependencies.md", () => {
  it("has a line for each dependency, and none for what is gone", () => {
    expect(rows(runTime).map(({ name }) => name)).toEqual(manifest.dependencies);
    expect(rows(development).map(({ name }) => name)).toEqual(manifest.devDependencies);
  });

  it("says of each what for, why this one, and how to leave it", () => {
    for (const { name, cells } of [...rows(runTime), ...rows(development)]) {
      expect(
        cells.split("|").filter((cell) => cell.trim() !== ""),
        name,
      ).toHaveLength(3);
    }
  });
});
