import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkPlan } from "../../src/plans/check.ts";
import { createTestRegistry } from "../helpers/registry.ts";

const folder = new URL("../fixtures/plans/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml") && file !== "good.yaml");

/** Every fixture begins with what the loader must say about it: `# line:column message`, then `#   hint`. */
function announced(text: string) {
  const header = text.split("\n").slice(
    0,
    text.split("\n").findIndex((line) => !/^# /.test(line)),
  );
  return header.flatMap((line, index) => {
    const [, row, column, message] = /^# (\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (message === undefined) return [];
    return [{ line: Number(row), column: Number(column), message, hint: header[index + 1]?.slice(4) }];
  });
}

function check(file: string) {
  const text = readFileSync(new URL(file, folder), "utf8");
  return { text, ...checkPlan(text, { file, registry: createTestRegistry() }) };
}

describe("a plan with a mistake", () => {
  it.each(files)("is refused with the line, the reason and what to do: %s", (file) => {
    const { text, plan, problems } = check(file);
    const wanted = announced(text);
    expect(wanted).not.toHaveLength(0);
    expect(plan).toBeUndefined();
    expect(problems.map(({ line, column, message, hint }) => ({ line, column, message, hint }))).toEqual(wanted);
    expect(problems.every((problem) => problem.file === file && problem.hint !== "")).toBe(true);
  });

  it("covers the kinds of mistakes that people make", () => {
    expect(files.length).toBeGreaterThanOrEqual(60);
  });

  it("differs from the good plan only in its mistake", () => {
    expect(check("good.yaml").problems).toEqual([]);
  });
});
