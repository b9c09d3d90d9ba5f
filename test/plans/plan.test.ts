import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkPlan } from "../../src/plans/check.ts";
import { Plan } from "../../src/plans/plan.ts";
import { createTestRegistry } from "../helpers/registry.ts";

const registry = createTestRegistry();
const Weights = z.object({ records: z.array(z.object({ weight: z.number() })) });
const good = readFileSync(new URL("../fixtures/plans/good.yaml", import.meta.url), "utf8");
const genai = readFileSync(new URL("../../plans/genai-api.yaml", import.meta.url), "utf8");

function load(text: string, vars?: string) {
  return checkPlan(text, {
    file: "plan.yaml",
    registry,
    vars: vars === undefined ? undefined : { file: "vars.yaml", text: vars },
  });
}

function loaded(text: string, vars?: string): Plan {
  const { plan, problems } = load(text, vars);
  expect(problems).toEqual([]);
  return plan as Plan;
}

describe("a good plan", () => {
  it("is plain JSON that fits the contract", () => {
    const plan = loaded(genai);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(Plan.parse(plan)).toEqual(plan);
  });

  it("gets the defaults for what it does not say", () => {
    const bare = good.replace("    policy: { approval: required, quorum: 2, roles: [approver] }\n", "");
    const { policy, steps } = loaded(bare).runbooks.failover!;
    expect(policy).toEqual({
      approval: "required",
      quorum: 1,
      roles: ["approver", "commander"],
      excludeRequester: true,
      expiryMs: 1_800_000,
    });
    expect(steps.find(({ id }) => id === "promote")).toMatchObject({
      name: "promote",
      timeoutMs: 300_000,
      retries: 0,
      retryAfterMs: 2_000,
      prepare: false,
      pointOfNoReturn: true,
    });
    expect(steps[0]?.needs).toEqual([]);
    expect(loaded(bare)).toMatchObject({ quarantineHealthyForMs: 600_000, readinessEveryMs: 300_000 });
  });

  it("has a model's words for the public only where it says so, and stays what it was without", () => {
    const plan = (wording: string) => loaded(genai.replace("  title: GenAI API\n", `  title: GenAI API\n${wording}`));
    expect(plan("  wording: model\n").communication?.wording).toBe("model");
    expect(plan("  wording: templates\n").digest).toBe(plan("").digest);
    const { problems } = load(genai.replace("  title: GenAI API\n", "  wording: robot\n"));
    expect(problems).toMatchObject([{ path: "communication.wording" }]);
  });

  it("has its durations in milliseconds and its loss budget in seconds", () => {
    const plan = loaded(genai);
    expect(plan.services.api).toMatchObject({ rtoMs: 900_000, rpoMs: 5_000 });
    expect(plan.stores.sessions?.lossBudgetSeconds).toBe(5);
    expect(plan.detection).toMatchObject({ intervalMs: 5_000, timeoutMs: 2_000, downAfter: 3 });
  });

  it("asks every region's own address", () => {
    const { probes } = loaded(genai).detection;
    expect(probes["eu-central"]?.[0]?.with).toEqual({
      url: "https://edge.eu-central.genai-api.example/health/detailed",
    });
    expect(probes["us-east-1"]?.[1]?.with).toEqual({ url: "redis://sessions.us-east-1.genai-api.example:6379" });
  });

  it("keeps look-ups on source, target and run for the run that names them", () => {
    const steps = loaded(genai).runbooks.rejoin!.steps;
    expect(steps[1]?.with).toMatchObject({ url: "${{ target.redis }}", name: "diverged-${{ run.id }}" });
  });

  it("reads what anchors and merge keys repeat", () => {
    const steps = loaded(genai).runbooks.failback!.steps;
    const inputOf = (id: string) => Weights.parse(steps.find((step) => step.id === id)?.with);
    const weights = (id: string) => inputOf(id).records;
    expect(weights("canary-10").map(({ weight }) => weight)).toEqual([90, 10]);
    expect(weights("canary-50").map(({ weight }) => weight)).toEqual([50, 50]);
    expect(steps.find(({ id }) => id === "canary-50")?.with).toMatchObject({
      hostedZoneId: "Z0GENAIAPI",
      type: "CNAME",
    });
  });

  it("has a digest that changes with any of it and with nothing else", () => {
    const { digest } = loaded(good);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(loaded(`# a comment\n${good}`).digest).toBe(digest);
    expect(loaded(good.replace("replicas: 10", "replicas: 11")).digest).not.toBe(digest);
    expect(loaded(good, "ttl: 30s").digest).not.toBe(digest);
  });
});

describe("a vars file", () => {
  it("replaces the plan's values one by one", () => {
    const plan = loaded(genai, "probeInterval: 1s\nregions:\n  eu-central: { edge: http://127.0.0.1:9001 }\n");
    expect(plan.detection.intervalMs).toBe(1_000);
    expect(plan.regions["eu-central"]?.settings).toMatchObject({
      edge: "http://127.0.0.1:9001",
      redis: "redis://sessions.eu-central.genai-api.example:6379",
    });
    expect(plan.regions["us-east-1"]?.settings.edge).toBe("https://edge.us-east-1.genai-api.example");
  });

  it("may be empty", () => {
    expect(loaded(good, "# nothing differs here\n").digest).toBe(loaded(good).digest);
  });

  it.each([
    ["ttl: 1s\ntll: 1s\n", "vars.yaml:2:1", "the plan knows no vars.tll", "Did you mean ttl?"],
    [
      "regions:\n  east: { egde: x }\n",
      "vars.yaml:2:11",
      "the plan knows no vars.regions.east.egde",
      "Did you mean edge?",
    ],
    [
      "regions: here\n",
      "vars.yaml:1:10",
      "vars.regions is a group in the plan",
      "Give it the same shape as in the plan.",
    ],
    [
      "ttl: { is: 1s }\n",
      "vars.yaml:1:6",
      "vars.ttl is one value in the plan",
      "Give it the same shape as in the plan.",
    ],
    ["ttl: ${{ vars.regions }}\n", "vars.yaml:1:6", "vars hold plain values, no look-ups", "Write the value itself."],
    ["- ttl\n", "vars.yaml:1:1", "the vars file is not a map", "Write name: value, as under vars in the plan."],
    [
      "\tttl: 1s\n",
      "vars.yaml:1:1",
      "a tab is used for indentation",
      "YAML indents with spaces: replace the tab by two spaces a level.",
    ],
  ])("is refused where it is wrong: %j", (vars, place, message, hint) => {
    const { problems } = load(good, vars);
    expect(problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).toContain(place);
    expect(problems).toContainEqual(expect.objectContaining({ message, hint }));
  });

  it("is named when a value of it is wrong where it is used", () => {
    const { problems } = load(good, "# ours\nttl: soon\n");
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: "plan.yaml", line: 71, path: "runbooks.failover.steps[3].with.ttl" });
    expect(problems[0]?.hint).toBe("The value is vars.ttl, vars.yaml line 2.");
  });

  it("may hold no secrets either", () => {
    const { problems } = load(good, "regions: { east: { redis: redis://:hunter2@east.example } }\n");
    expect(problems).toContainEqual(
      expect.objectContaining({ file: "vars.yaml", message: "this looks like a URL with a password in it" }),
    );
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

describe("a hostile plan", () => {
  it("is refused unread when it is larger than 256 KiB", () => {
    const { problems } = load(`${good}# ${"x".repeat(256 * 1024)}`);
    expect(problems.map(({ message }) => message)).toEqual(["the file has 258 KiB; 256 KiB is the most"]);
  });

  it.each([
    ["brackets", "[".repeat(100_000)],
    ["closed brackets", `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
    ["maps in one line", "a: ".repeat(20_000)],
  ])("cannot overflow the stack with %s", (_, text) => {
    const { plan, problems } = load(text);
    expect(plan).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });

  it("cannot make the checks grow with the square of its regions", () => {
    const far = Array.from({ length: 300 }, (_, index) => `  r${index}: { name: Far, jurisdiction: us }\n`).join("");
    const { problems } = load(good.replace("regions:\n  east:\n    name", `regions:\n${far}  east:\n    name`));
    expect(problems[0]).toMatchObject({ line: 12, message: "the plan has 302 regions; 20 is the most" });
  });

  it("cannot reach into prototypes", () => {
    const { problems } = load(good.replace('"${{ target.edge }}"', '"${{ target.constructor.name }}"'));
    expect(problems.map(({ message }) => message)).toEqual(["region west has no setting constructor"]);
    expect(load(good.replace("  ttl: 60s", "  ttl: 60s\n  __proto__: { polluted: yes }")).problems).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("the time that a failover takes", () => {
  const sumOf = (text: string) =>
    load(text)
      .problems.map(({ message }) => message)
      .join();

  it("is refused one second over the RTO and not at it", () => {
    expect(sumOf(good.replace("rto: 15m", "rto: 258s"))).toBe("");
    expect(sumOf(good.replace("rto: 15m", "rto: 257s"))).toContain("takes 4m 18s");
  });

  it("has no decision in it when nobody is asked", () => {
    const automatic = good.replace("approval: required", "approval: automatic");
    expect(sumOf(automatic.replace("rto: 15m", "rto: 197s"))).toContain(
      "takes 3m 18s: 15s to notice (3 × 5s) + nothing to decide",
    );
  });

  it("counts the TTL that clients wait for and the path that is slowest", () => {
    const parallel = good.replace("needs: [promote]", "needs: []").replace("rto: 15m", "rto: 1s");
    expect(sumOf(parallel)).toContain("1m 3s for the slowest path (scale → fence → promote) + 1m TTL");
  });

  it("is said together with other mistakes, unless its own runbook has one", () => {
    const late = good.replace("rto: 15m", "rto: 1s");
    expect(load(late.replace("service: api", "service: app")).problems).toHaveLength(2);
    expect(load(late.replace("needs: [fence]", "needs: [fense]")).problems).toHaveLength(1);
  });
});
