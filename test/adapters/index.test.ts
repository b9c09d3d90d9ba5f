import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createAdapters } from "../../adapters/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { registry } = createAdapters({ secret: () => undefined, requestTimeoutMs: 1_000 });

/** Vendor SDKs, and the one folder that may speak to each. */
const SDKS: Record<string, string> = {
  "@kubernetes/client-node": "kubernetes",
  "@aws-sdk/client-route-53": "aws",
  ioredis: "redis",
};

describe("the adapters", () => {
  it("offer everything that the default plan uses", () => {
    const plan = parse(readFileSync(join(root, "plans/genai-api.yaml"), "utf8"), { merge: true });
    const steps = Object.values<{ steps: { uses: string }[] }>(plan.runbooks).flatMap(({ steps }) => steps);
    for (const { uses } of steps) expect(registry.actions.has(uses), uses).toBe(true);
    for (const { uses } of plan.detection.probes) expect(registry.probes.has(uses), uses).toBe(true);
    expect(registry.traffic.has(plan.traffic.uses)).toBe(true);
    expect(registry.replication.has(plan.stores.sessions.kind)).toBe(true);
  });

  it("keep every recovery action to the contract", () => {
    const suites = ["test/adapters", "test/contracts"].flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(root, folder, name)),
    );
    const text = suites.map((path) => readFileSync(path, "utf8")).join("\n");
    const kept = [...text.matchAll(/recoveryActionContract\(\{\s*name: ["`]([\w.-]+)/g)].map(([, id]) => id);
    expect(kept.sort()).toEqual([...registry.actions.keys()].sort());
  });

  it("have a way back for traffic and scale only, and none for what cannot be taken back", () => {
    const reversible = [...registry.actions.values()].filter(({ undo }) => undo !== undefined);
    expect(new Set(reversible.map(({ effect }) => effect))).toEqual(new Set(["scale", "traffic"]));
    const promotions = [...registry.actions.values()].filter(({ effect }) => effect === "promotion");
    expect(promotions.every(({ store }) => store !== undefined)).toBe(true);
  });

  it("load a vendor's SDK at its first use, and in its own folder only", () => {
    const files = readdirSync(join(root, "adapters"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    for (const name of files) {
      const text = readFileSync(join(root, "adapters", name), "utf8");
      for (const [sdk, folder] of Object.entries(SDKS)) {
        expect(new RegExp(`^import (?!type)[^;]*"${sdk}"`, "m").test(text), `${name} loads ${sdk} at the start`).toBe(
          false,
        );
        if (text.includes(`"${sdk}"`)) expect(name.split("/")[0], `${name} uses ${sdk}`).toBe(folder);
      }
    }
  });
});
