import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { AppError, reportError } from "../../src/errors.ts";
import { loadPlan } from "../../src/plans/load.ts";
import { FileError, formatProblems } from "../../src/plans/problem.ts";
import { createTestRegistry } from "../helpers/registry.ts";

const registry = createTestRegistry();
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/plans/${name}.yaml`, import.meta.url));
const folders: string[] = [];

function temporary(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "muster-plan-"));
  folders.push(folder);
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function refusal(files: { path: string; varsPath?: string }): Promise<AppError> {
  const error = await loadPlan({ ...files, registry }).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error("The plan was loaded, or the error is no AppError");
  return error;
}

describe("loading a plan", () => {
  it("gives the plan with the values of this installation", async () => {
    const varsPath = temporary("vars.yaml", "ttl: 5s\n");
    const plan = await loadPlan({ path: fixture("good"), varsPath, registry });
    expect(plan.runbooks.failover?.steps[3]?.with).toMatchObject({ ttl: "5s" });
  });

  it("counts the problems in the summary and carries all of them", async () => {
    const error = await refusal({ path: fixture("many-at-once") });
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({
      code: "plan-invalid",
      summary: expect.stringMatching(/many-at-once\.yaml has 6 problems\.$/),
    });
    expect((error as FileError).problems).toHaveLength(6);
    // What a client or a terminal gets holds them too.
    expect(reportError(error).hint.split("\n")).toHaveLength(6);
    expect(error.hint).toContain(
      "many-at-once.yaml:16:7 home is north, which is not a region of this plan. The plan's",
    );
  });

  it("never shows more than people can read", () => {
    const one = { file: "p", line: 1, column: 1, path: "", message: "m", hint: "" };
    const lines = formatProblems(Array.from({ length: 70 }, () => one)).split("\n");
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe("… and 20 more");
  });

  it.each([
    [
      { path: "/nowhere/plan.yaml" },
      "There is no plan file /nowhere/plan.yaml.",
      "MUSTER_PLAN says which plan file to use.",
    ],
    [
      { path: fixture("good"), varsPath: "/nowhere/vars.yaml" },
      "There is no vars file /nowhere/vars.yaml.",
      "MUSTER_VARS says which vars file to use.",
    ],
    [{ path: tmpdir() }, `${tmpdir()} is not a file.`, "MUSTER_PLAN says which plan file to use."],
  ])("says which file is not there: %j", async (files, summary, hint) => {
    expect(await refusal(files)).toMatchObject({ code: "plan-invalid", summary, hint });
  });

  it("does not read a file that is far too large", async () => {
    const path = temporary("plan.yaml", " ".repeat(300 * 1024));
    expect((await refusal({ path })).summary).toMatch(/plan\.yaml is larger than 256 KiB\.$/);
  });
});
