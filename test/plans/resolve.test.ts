import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkPlan } from "../../src/plans/check.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { canonicalJson, planDigest, resolveSteps, slowestPath } from "../../src/plans/resolve.ts";
import { createTestRegistry } from "../helpers/registry.ts";

const registry = createTestRegistry();

function genai(change: (text: string) => string = (text) => text): Plan {
  const text = readFileSync(new URL("../../plans/genai-api.yaml", import.meta.url), "utf8");
  const { plan } = checkPlan(change(text), { file: "genai-api.yaml", registry });
  if (!plan) throw new Error("The default plan must load");
  return plan;
}

const away = { source: "us-east-1", target: "eu-central", runId: "run-7" };
const home = { source: "eu-central", target: "us-east-1", runId: "run-8" };

describe("the steps of a run", () => {
  it("have the names and addresses of its two regions", () => {
    const steps = resolveSteps(genai(), "failover", away);
    expect(steps[0]?.with).toMatchObject({ cluster: "eu-central", replicas: 10 });
    expect(steps[2]?.with).toEqual({ url: "redis://sessions.us-east-1.genai-api.example:6379", region: "us-east-1" });
    expect(resolveSteps(genai(), "failover", home)[0]?.with).toMatchObject({ cluster: "us-east-1" });
    expect(JSON.stringify(steps)).not.toContain("${{");
  });

  it("have the run's own id", () => {
    expect(resolveSteps(genai(), "rejoin", away)[1]?.with).toMatchObject({ name: "diverged-run-7" });
  });

  it("keep the order, needs and times of the plan", () => {
    const plan = genai();
    const steps = resolveSteps(plan, "failback", home);
    expect(steps.map(({ id }) => id)).toEqual(plan.runbooks.failback?.steps.map(({ id }) => id));
    expect(steps[1]).toMatchObject({ needs: ["scale-home"], timeoutMs: 120_000, prepare: true, when: true });
  });

  it("have inputs parsed by their actions when those are known", () => {
    const input = resolveSteps(genai(), "failover", away, registry).find(({ id }) => id === "shift-traffic")?.with;
    expect(input).toMatchObject({
      ttl: 60_000,
      records: [{ setIdentifier: "us-east-1", weight: 0 }, { setIdentifier: "eu-central" }],
    });
  });

  it("are left out by a when that is false for these regions", () => {
    const plan = genai((text) =>
      text
        .replaceAll(/^( {6})cluster: (.*)$/gm, "$1cluster: $2\n$1fenced: true")
        .replace("fenced: true", "fenced: false")
        .replace(
          "        needs: [check-target]\n",
          "        needs: [check-target]\n        when: ${{ source.fenced }}\n",
        ),
    );
    const fence = (scope: typeof away) => resolveSteps(plan, "failover", scope).find(({ id }) => id === "fence-source");
    expect(fence(away)?.when).toBe(false);
    expect(fence(home)?.when).toBe(true);
    // A step that is left out takes no time.
    expect(slowestPath(plan, "failover", home, registry).ms - slowestPath(plan, "failover", away, registry).ms).toBe(
      1_000,
    );
  });

  it("refuse regions and runbooks that are not there, with the nearest", () => {
    const plan = genai();
    expect(() => resolveSteps(plan, "failover", { ...away, target: "eu-centrl" })).toThrow(
      expect.objectContaining({ code: "unknown-region", hint: "Did you mean eu-central?" }),
    );
    expect(() => resolveSteps(plan, "failovre", away)).toThrow(
      expect.objectContaining({ code: "not-found", hint: "Did you mean failover?" }),
    );
    expect(() => resolveSteps(plan, "toString", away)).toThrow(expect.objectContaining({ code: "not-found" }));
  });

  it("refuse a pinned plan whose input no longer fits the action", () => {
    const plan = genai();
    const steps = plan.runbooks.failover!.steps.map((step) => ({ ...step, with: { cluster: 1 } }));
    const changed = { ...plan, runbooks: { failover: { ...plan.runbooks.failover!, steps } } };
    expect(() => resolveSteps(changed, "failover", away, registry)).toThrow(
      expect.objectContaining({
        code: "plan-invalid",
        summary: expect.stringContaining("step scale-target in failover"),
      }),
    );
  });
});

describe("the slowest path", () => {
  it("is the chain that takes longest, not the sum of all steps", () => {
    expect(slowestPath(genai(), "failover", away, registry)).toEqual({
      ms: 60_000 + 2_000 + 1_000 + 2_000 + 60_000 + 2_000,
      path: ["scale-target", "check-target", "fence-source", "promote-target", "shift-traffic", "check-public"],
    });
  });

  it("ends for a thousand steps in a row, and for steps that wait for each other", () => {
    const plan = genai();
    const [first] = plan.runbooks.rejoin!.steps;
    const chain = (needs: (index: number) => string[]) =>
      Array.from({ length: 1000 }, (_, index) => ({ ...first!, id: `s${index}`, needs: needs(index) }));
    const slowest = (steps: ReturnType<typeof chain>) =>
      slowestPath({ ...plan, runbooks: { rejoin: { ...plan.runbooks.rejoin!, steps } } }, "rejoin", away, registry);
    expect(slowest(chain((index) => (index === 0 ? [] : [`s${index - 1}`])).toReversed()).ms).toBe(1_000_000);
    expect(slowest(chain((index) => [`s${(index + 1) % 1000}`])).ms).toBeGreaterThan(0);
  });
});

describe("the digest", () => {
  it("does not depend on the order of keys, nor on the digest itself", () => {
    const plan = genai();
    const shuffled = Object.fromEntries(Object.entries(plan).toReversed()) as unknown as Plan;
    expect(planDigest({ ...shuffled, digest: "other" } as Plan)).toBe(plan.digest);
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: undefined })).toBe('{"b":[{"c":2,"d":1}]}');
  });

  it("changes when steps change places", () => {
    const plan = genai();
    const failover = { ...plan.runbooks.failover!, steps: plan.runbooks.failover!.steps.toReversed() };
    expect(planDigest({ ...plan, runbooks: { ...plan.runbooks, failover } })).not.toBe(plan.digest);
  });
});
