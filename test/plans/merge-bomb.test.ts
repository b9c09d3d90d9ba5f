import { expect, it } from "vitest";
import { readSource } from "../../src/plans/source.ts";

/** Each level merges the one before twice, which the parser works out anew at each place. */
function merges(levels: number): string {
  const lines = Array.from({ length: levels }, (_, index) => {
    const of = `*m${index}`;
    return `m${index + 1}: &m${index + 1} {k${index}: {<<: ${of}}, j${index}: {<<: ${of}}}`;
  });
  return ["m0: &m0 {a: 1, b: 2}", ...lines].join("\n");
}

it("a file of merges in merges is refused before they are worked out", () => {
  expect(readSource(merges(40), "bomb.yaml").problems[0]?.message).toContain("unfold to more than");
  expect(readSource(merges(3), "plan.yaml")).toMatchObject({ problems: [], value: { m0: { a: 1, b: 2 } } });
});
