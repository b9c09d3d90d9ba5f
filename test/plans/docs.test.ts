import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const fixtures = new URL("../fixtures/plans/", import.meta.url);
const docs = readFileSync(new URL("../../docs/plans.md", import.meta.url), "utf8");
const rows = docs.split("\n").map((row) => row.replaceAll("\\|", "|").replaceAll("&lt;", "<"));

describe("docs/plans.md", () => {
  it.each(readdirSync(fixtures).filter((file) => file.endsWith(".yaml") && file !== "many-at-once.yaml"))(
    "has what the loader says about %s",
    (file) => {
      const lines = readFileSync(new URL(file, fixtures), "utf8").split("\n");
      for (const [index, line] of lines.entries()) {
        const message = /^# \d+:\d+ (.*)$/.exec(line)?.[1];
        if (message !== undefined) expect(rows).toContain(`| ${message} | ${lines[index + 1]?.slice(4)} |`);
      }
    },
  );
});
