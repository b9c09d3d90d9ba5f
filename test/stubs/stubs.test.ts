import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { all } from "./all.ts";
import { edited } from "./stub.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Whether they are caught is what `npm run test:stubs` sees, in minutes; that they can be planted, is seen here. */
describe("the stubs", () => {
  it.each(all.map((stub) => [stub.name, stub] as const))("fits the code as it is: %s", (_, stub) => {
    const text = readFileSync(join(ROOT, stub.file), "utf8");
    expect(edited(stub, text)).not.toBe(text);
  });

  it("name tests that are there", () => {
    const named = new Set(all.flatMap(({ tests }) => tests));
    expect([...named].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("have names of their own", () => {
    const names = all.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
