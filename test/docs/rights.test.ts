import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readSources, readText } from "../architecture/sources.ts";
import { page } from "./documents.ts";

const { text, blocks } = page("docs/permissions.md");
const codeOf = (folder: string) =>
  readSources(folder)
    .map(({ text: code }) => code)
    .join("\n");
const unique = (names: Iterable<string>) => [...new Set(names)].toSorted();
const found = (code: string, pattern: RegExp) => unique([...code.matchAll(pattern)].map(([, name = ""]) => name));

/** What a call of the client needs of an identity: its verb and the resource. */
const KUBERNETES: Record<string, [verb: string, resource: string]> = {
  readNamespacedDeployment: ["get", "deployments"],
  patchNamespacedDeploymentScale: ["patch", "deployments/scale"],
};

describe("docs/permissions.md", () => {
  it("lets Kubernetes do what the adapter asks for, and nothing else", () => {
    const [role = ""] = blocks.filter(({ language }) => language === "yaml").map((one) => one.text);
    const calls = found(
      codeOf("adapters/kubernetes"),
      /\.((?:read|list|patch|replace|create|delete)Namespaced\w+?)(?:WithHttpInfo)?\(/g,
    );
    expect(calls).toEqual(Object.keys(KUBERNETES).toSorted());
    const rules = [...role.matchAll(/resources: \[([\w/]+)\].*\n\s+verbs: \[(\w+)\]/g)];
    expect(rules.map(([, resource, verb]) => [verb, resource])).toEqual(Object.values(KUBERNETES));
  });

  it("lets Route 53 do what the adapter asks for, and nothing else", () => {
    const [policy = "{}"] = blocks.filter(({ language }) => language === "json").map((one) => one.text);
    const Action = z.union([z.string(), z.array(z.string())]);
    const { Statement } = z.object({ Statement: z.array(z.object({ Action })) }).parse(JSON.parse(policy));
    const calls = found(codeOf("adapters/aws"), /new (\w+)Command\(/g);
    expect(calls.length).toBeGreaterThan(2);
    expect(Statement.flatMap((one) => one.Action).toSorted()).toEqual(calls.map((name) => `route53:${name}`));
  });

  it("says what each scope of Slack is for", () => {
    const { bot } = z
      .object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) })
      .parse(JSON.parse(readText("manifest/slack/manifest.json"))).oauth_config.scopes;
    const [, table = ""] = /\| scope \|.*\n([\s\S]*?)\n\n/.exec(text) ?? [];
    const scopes = table.split("\n").flatMap((row) => found(row.split("|")[1] ?? "", /`([\w:]+)`/g));
    expect(scopes.toSorted()).toEqual(bot.toSorted());
  });
});
