import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { createAdapters } from "../../adapters/index.ts";
import { reportError } from "../../src/errors.ts";
import { exportManualRunbooks } from "../../src/manual/export.ts";
import { manualRunbook, manualSubject, manualSubjects } from "../../src/manual/runbook.ts";
import { loadPlan } from "../../src/plans/load.ts";
import { root } from "../architecture/sources.ts";

const adapters = createAdapters({ requestTimeoutMs: 1_000, secret: () => "hunter2-the-password" });
const { registry } = adapters;
const plan = await loadPlan({ path: `${root}/plans/genai-api.yaml`, registry });
afterAll(() => adapters.close());

describe("a runbook for hands", () => {
  it("is known of every action that plans can use", () => {
    const without = [...registry.actions.values()].filter(({ manual }) => manual === undefined).map(({ id }) => id);
    expect(without).toEqual([]);
  });

  it("has the vendors' commands for these two regions, with what must be seen", () => {
    const { name, text } = manualRunbook(manualSubject(plan, "failover", "eu-central"), registry);
    expect(name).toBe("failover-us-east-1-to-eu-central.md");
    expect(text).toContain("kubectl --context eu-central -n genai scale deployment api --replicas=10");
    expect(text).toContain("redis-cli -h sessions.eu-central.genai-api.example -p 6379 REPLICAOF NO ONE");
    expect(text).toMatch(/aws route53 change-resource-record-sets --hosted-zone-id Z0GENAIAPI --change-batch '\{/);
    expect(text).toContain("READY 8 or more, of 10");
    expect(text).toContain("no way back from here");
  });

  it("has every step once, none before what it needs", () => {
    for (const subject of manualSubjects(plan)) {
      const { text } = manualRunbook(subject, registry);
      const placed = [...text.matchAll(/^## \d+\. .*\(`([\w-]+)`\)$/gm)].map(([, id]) => id);
      expect(placed.toSorted()).toEqual(subject.runbook.steps.map(({ id }) => id).toSorted());
      for (const { id, needs } of subject.runbook.steps) {
        for (const need of needs) expect(placed.indexOf(need)).toBeLessThan(placed.indexOf(id));
      }
    }
  });

  it("goes home only in a failback", () => {
    const targets = manualSubjects(plan).filter(({ runbook }) => runbook.kind === "failback");
    expect(targets.map(({ target }) => target)).toEqual([plan.home]);
  });

  it("names a password by its variable and never holds it", () => {
    const step = plan.runbooks.failover!.steps.find(({ id }) => id === "promote-target")!;
    const withPassword = { ...step, with: { ...(step.with as object), passwordFrom: "sessions" } };
    const runbook = { ...plan.runbooks.failover!, steps: [withPassword].map((one) => ({ ...one, needs: [] })) };
    const changed = { ...plan, runbooks: { failover: runbook } };
    const { text } = manualRunbook(manualSubject(changed, "failover", "eu-central"), registry);
    expect(text).toContain('REDISCLI_AUTH="$MUSTER_SECRET_SESSIONS" redis-cli');
    expect(text).not.toContain("hunter2");
  });

  it("says what there is when something else is asked for", () => {
    const refusal = (name: string, target?: string) => {
      try {
        return manualSubject(plan, name, target).runbook.name;
      } catch (error) {
        return reportError(error);
      }
    };
    expect(refusal("failovr")).toMatchObject({ code: "not-found", hint: expect.stringContaining("failover") });
    expect(refusal("failback", "eu-central")).toMatchObject({ hint: "It goes to: us-east-1." });
  });
});

describe("the export", () => {
  const folder = () => {
    const directory = mkdtempSync(join(tmpdir(), "muster-manual-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  };

  it("replaces what an older plan left, and keeps what people put beside it", async () => {
    const directory = folder();
    await exportManualRunbooks(directory, plan, registry);
    const here = join(directory, plan.application);
    writeFileSync(join(here, "old-a-to-b.md"), "old");
    writeFileSync(join(here, "phone-numbers.md"), "ours");
    const { failover } = plan.runbooks;
    const paths = await exportManualRunbooks(directory, { ...plan, runbooks: { failover: failover! } }, registry);
    expect(paths).toHaveLength(2);
    expect(readdirSync(here).toSorted()).toEqual([
      "failover-eu-central-to-us-east-1.md",
      "failover-us-east-1-to-eu-central.md",
      "phone-numbers.md",
    ]);
    expect(readFileSync(paths[0] ?? "", "utf8")).toContain("# genai-api: failover");
  });

  it("says so where it cannot write", async () => {
    const directory = folder();
    writeFileSync(join(directory, "file"), "");
    const failed = exportManualRunbooks(join(directory, "file"), plan, registry);
    await expect(failed).rejects.toMatchObject({ hint: expect.stringContaining("MUSTER_RUNBOOKS") });
  });
});
