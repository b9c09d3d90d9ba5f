import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readText } from "../architecture/sources.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "../http/server.ts";
import { leads } from "./documents.ts";

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ expr: z.string(), annotations: z.object({ summary: z.string(), runbook: z.string() }) }),
      ),
    }),
  ),
});
const rules = Rules.parse(parse(readText("docs/alerts.yaml"))).groups.flatMap((group) => group.rules);

describe("docs/alerts.yaml", () => {
  it("asks for figures and labels that a server has", async () => {
    const { send } = startHttp(await scenes.pending());
    // Requests are counted when they have been answered.
    await send("/healthz");
    const text = await (await send("/metrics")).text();
    const labelsOf = (name: string) =>
      [...text.matchAll(new RegExp(`^${name}\\{(.*)\\}`, "gm"))].flatMap(([, labels = ""]) =>
        [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label),
      );
    const asked = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/\b(muster_\w+)(?:\{([^}]*)\})?/g)].map(([, name = "", labels = ""]) => ({ name, labels })),
    );
    expect(asked.length).toBeGreaterThan(6);
    for (const { name, labels } of asked) {
      expect(text).toMatch(new RegExp(`^${name}[ {]`, "m"));
      for (const [, label] of labels.matchAll(/(\w+)[=!]/g)) expect(labelsOf(name), name).toContain(label);
    }
  });

  it("leads from each alert to what to do", () => {
    expect(rules.filter(({ annotations }) => !leads(annotations.runbook))).toEqual([]);
  });
});
