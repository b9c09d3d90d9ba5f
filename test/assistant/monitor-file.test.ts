import { describe, expect, it } from "vitest";
import { monitorFile } from "../../src/assistant/monitor-file.ts";
import { loadConfig } from "../../src/config.ts";
import { readText } from "../architecture/sources.ts";

const examples = [...readText("docs/assistant.md").matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
const example = examples.find((text) => text.includes("kql:")) ?? "";

describe("a monitor file", () => {
  it("is as the documentation shows it", () => {
    const { settings: monitor, problems } = monitorFile.check(example, "monitor.yaml");
    expect(problems).toEqual([]);
    expect(monitor?.logs.map(({ name }) => name)).toEqual(["api-errors"]);
    expect(monitor?.metrics.map(({ name, aggregation }) => `${name} ${aggregation}`)).toEqual(["redis-load maximum"]);
  });

  it.each([
    [
      "a command in place of a query",
      example.replace("AppExceptions", ".drop table AppExceptions"),
      "no management command",
    ],
    [
      "a query that ends in a picture",
      example.replace("| order by TimeGenerated desc", "| render timechart"),
      "without render",
    ],
    ["a query that is closed", example.replace("desc\n", "desc;\n"), "without a semicolon"],
    ["a workspace that is none", example.replace(/workspace: .*/, "workspace: mine"), "Log Analytics workspace"],
    ["a resource that is none", example.replace(/- \/subscriptions.*/, "- sessions"), "whole id"],
    ["an address that is not encrypted", example.replace("https://eastus", "http://eastus"), "https address"],
    ["a name that is used twice", example.replace(/(logs:\n)([\s\S]*?)(metrics:)/, "$1$2$2$3"), "used twice"],
    ["an unknown setting", `${example}sql: yes\n`, "sql"],
    [
      "a way to sign in that lacks its application",
      example.replace("as: managed-identity", "as: client-secret"),
      "secretFrom",
    ],
  ])("is refused with its line: %s", (_, text, said) => {
    const { settings: monitor, problems } = monitorFile.check(text, "monitor.yaml");
    expect(monitor).toBeUndefined();
    expect(problems.map(({ message, line }) => `${line} ${message}`).join("\n")).toMatch(
      new RegExp(`^\\d+ .*${said}`, "m"),
    );
  });

  it("that is not there says which variable names it", async () => {
    await expect(monitorFile.load("/nowhere/monitor.yaml")).rejects.toMatchObject({
      code: "config-invalid",
      hint: expect.stringContaining("MUSTER_MONITOR"),
    });
  });

  it("is of no use without a model, which is said at the start", () => {
    expect(() => loadConfig({ MUSTER_MONITOR: "monitor.yaml" })).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining("MUSTER_MODELS") }),
    );
    const both = { MUSTER_MONITOR: "monitor.yaml", MUSTER_MODELS: "models.yaml" };
    expect(loadConfig(both).monitorPath).toBe("monitor.yaml");
  });
});
