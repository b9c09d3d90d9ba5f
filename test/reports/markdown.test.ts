import { describe, expect, it } from "vitest";
import { reportFacts } from "../../src/reports/facts.ts";
import { escapeMarkdown } from "../../src/reports/markdown.ts";
import { createRenderer, templateNames } from "../../src/reports/render.ts";
import { withEveryText } from "../helpers/facts.ts";
import { scenes } from "../helpers/incident-scenes.ts";

const HOSTILE =
  "# Resolved\n\n- all | is well</td><script>alert(1)</script> [here](javascript:alert(1)) ![x](http://x) **bold** `code` @channel <!here> <@U1> &lt;b&gt; \u202etxt.exe\u0007";

describe("escapeMarkdown", () => {
  it.each([
    ["a*b* and `c`", "a\\*b\\* and \\`c\\`"],
    ["[link](http://evil)", "\\[link\\](http://evil)"],
    ["<b>", "&lt;b>"],
    ["&lt; and AT&T", "&amp;lt; and AT&T"],
    ["a | b", "a \\| b"],
    ["_all_ of snake_case_names", "\\_all\\_ of snake_case_names"],
    ["one\n# two", "one # two"],
    ["# heading", "\\# heading"],
    ["- item", "\\- item"],
    ["1. item", "1\\. item"],
    ["12 steps", "12 steps"],
    ["@everyone wake up", "@\u200beveryone wake up"],
    ["ops@example.com", "ops@example.com"],
    ["run-1 us-east-1 → eu-central, 10 %", "run-1 us-east-1 → eu-central, 10 %"],
    ["back\\slash", "back\\\\slash"],
    ["\u202ereversed\u2066 and hidden\u200b", "reversed and hidden"],
  ])("writes %j so that it reads as it stands", (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });
});

describe("a document of hostile facts", () => {
  const facts = withEveryText(reportFacts(scenes.wholeNight().input()), HOSTILE);
  const render = createRenderer();

  for (const name of templateNames) {
    const text = render(name, facts);

    it(`holds no markup of theirs: ${name}`, () => {
      expect(text).toContain("alert(1)");
      for (const markup of [
        "<script",
        "</td",
        "[here](",
        "![x](",
        "**bold**",
        "`code`",
        "@channel",
        "<!here>",
        "<@U1>",
        "\u202e",
        "\u0007",
      ]) {
        expect(text).not.toContain(markup);
      }
      // An entity of theirs stays the letters that they typed.
      expect(text).not.toMatch(/(?<!amp;)(?<!&)lt;b/);
    });

    it(`keeps its own headings and tables: ${name}`, () => {
      const calm = render(name, reportFacts(scenes.wholeNight().input()));
      expect(shape(text)).toEqual(shape(calm));
    });
  }
});

/** What a reader's program makes of the lines: headings, and the cells of each table row. */
function shape(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    if (/^#+ /.test(line)) return [line.split(" ")[0] ?? ""];
    return line.startsWith("|") ? [`${line.split(/(?<!\\)\|/).length} cells`] : [];
  });
}
