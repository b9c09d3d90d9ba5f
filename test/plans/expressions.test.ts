import { describe, expect, it } from "vitest";
import { substitute } from "../../src/plans/expressions.ts";
import type { Finding } from "../../src/plans/problem.ts";

const now = {
  vars: { port: 8080, on: false, list: [1, 2], none: null, "us-east": { host: "a.example" }, text: "${{ run.id }}" },
};

function look(value: unknown, later: string[] = []) {
  const findings: Finding[] = [];
  return { value: substitute(value, { now, later: () => later }, findings), findings };
}

describe("a look-up", () => {
  it.each([
    ["${{ vars.port }}", 8080],
    ["${{vars.on}}", false],
    ["${{ vars.list }}", [1, 2]],
    ["${{ vars.us-east }}", { host: "a.example" }],
  ])("that is the whole text keeps its type: %s", (text, expected) => {
    expect(look(text)).toEqual({ value: expected, findings: [] });
  });

  it("within a text becomes text", () => {
    expect(look("http://${{ vars.us-east.host }}:${{ vars.port }}/${{ vars.on }}").value).toBe(
      "http://a.example:8080/false",
    );
  });

  it("is found at any depth, and everything else stays what it is", () => {
    const written = { a: ["${{ vars.port }}", 1, null, { b: true, c: "$5 {x} }}" }] };
    expect(look(written)).toEqual({ value: { a: [8080, 1, null, { b: true, c: "$5 {x} }}" }] }, findings: [] });
  });

  it("on something that is known later stays as written, also beside one that is known now", () => {
    expect(look("${{ vars.port }}-${{ run.id }}", ["run"])).toEqual({ value: "8080-${{ run.id }}", findings: [] });
    expect(look("${{ run.id }}", ["run"])).toEqual({ value: "${{ run.id }}", findings: [] });
  });

  it("is done once: a looked-up text is never looked through again", () => {
    expect(look("x ${{ vars.text }}")).toEqual({ value: "x ${{ run.id }}", findings: [] });
  });

  it.each([
    ["${{ vars.prot }}", "${{ vars.prot }}: there is no prot in vars", "Did you mean port?"],
    ["${{ vars.us-east.hots }}", "${{ vars.us-east.hots }}: there is no hots in vars.us-east", "Did you mean host?"],
    ["${{ vras.port }}", "${{ vras.port }}: vras cannot be looked up here", "Did you mean vars?"],
    ["${{ vars.port.x }}", "${{ vars.port.x }}: there is no x in vars.port", "Known there: nothing."],
    ["${{ vars.toString }}", "${{ vars.toString }}: there is no toString in vars", expect.any(String)],
    [
      "a ${{ vars.list }}",
      "${{ vars.list }} is a group of values and cannot stand within a text",
      "Look up one of the names in it.",
    ],
    ["a ${{ vars.none }}", "${{ vars.none }} is a group of values and cannot stand within a text", expect.any(String)],
  ])("that finds nothing is reported and left: %s", (text, message, hint) => {
    expect(look(text)).toEqual({ value: text, findings: [{ path: [], message, hint }] });
  });

  it.each([
    "vars.a || vars.b",
    "vars.port + 1",
    "upper(vars.text)",
    "vars['port']",
    "vars.",
    ".port",
    "",
    "5",
    "vars port",
    "!vars.on",
  ])("is never an expression: %j", (inner) => {
    const { findings } = look(`\${{ ${inner} }}`);
    expect(findings.map(({ message }) => message)).toEqual([`\${{ ${inner} }} is not a look-up`]);
  });

  it.each(["${{ vars.port }", "${{ vars.port", "a ${{ b ${{ vars.port }}", "${{ { } }}"])(
    "must be closed: %j",
    (text) => {
      expect(look(text).findings.map(({ message }) => message)).toEqual(["a look-up is not closed, or holds braces"]);
    },
  );
});
