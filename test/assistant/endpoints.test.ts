import { describe, expect, it } from "vitest";
import { openModel } from "../../adapters/model/index.ts";
import { modelsFile } from "../../src/assistant/endpoints.ts";
import { systemClock } from "../../src/clock.ts";
import { loadConfig } from "../../src/config.ts";
import { readText } from "../architecture/sources.ts";

const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(readText("docs/assistant.md")) ?? [];

describe("a models file", () => {
  it("is as the documentation shows it", () => {
    const { settings: models, problems } = modelsFile.check(example, "models.yaml");
    expect(problems).toEqual([]);
    expect(models?.endpoints.map(({ name, tokenParameter }) => `${name} ${tokenParameter}`)).toEqual([
      "east max_completion_tokens",
      "west max_tokens",
    ]);
  });

  it.each([
    ["an unknown setting", example.replace("reasoningEffort: low", "temperature: 1"), "temperature"],
    ["a name that is used twice", example.replace("name: west", "name: east"), "used twice"],
    ["no address", example.replace("https://example-east.openai.azure.com", "east"), "http or https"],
    ["no endpoints", "deadlineSeconds: 20\n", "endpoints"],
  ])("is refused with its line: %s", (_, text, said) => {
    const { settings: models, problems } = modelsFile.check(text, "models.yaml");
    expect(models).toBeUndefined();
    expect(problems.map(({ message, line }) => `${line} ${message}`).join("\n")).toMatch(
      new RegExp(`^\\d+ .*${said}`, "m"),
    );
  });

  it("that is not there says which variable names it", async () => {
    await expect(modelsFile.load("/nowhere/models.yaml")).rejects.toMatchObject({
      code: "config-invalid",
      hint: expect.stringContaining("MUSTER_MODELS") as string,
    });
  });

  it("whose key is not set says which variable to set", () => {
    const { settings: models } = modelsFile.check(example, "models.yaml");
    if (!models) throw new Error("the example does not fit");
    expect(() => openModel({ models, secret: () => undefined, clock: systemClock })).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining("MUSTER_SECRET_MODELS_EAST") as string }) as Error,
    );
  });

  it("does not go together with a tracer that sends prompts elsewhere", () => {
    const env = { MUSTER_MODELS: "models.yaml", LANGSMITH_TRACING: "true" };
    expect(() => loadConfig(env)).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining("LANGSMITH_TRACING") as string }) as Error,
    );
    expect(loadConfig({ LANGSMITH_TRACING: "true" }).modelsPath).toBeUndefined();
  });
});
