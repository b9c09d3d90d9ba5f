import { rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { formatProblem } from "../../src/plans/problem.ts";
import { namesTwice, settingsFile } from "../../src/plans/settings-file.ts";
import { largestFileBytes } from "../../src/plans/source.ts";

const doors = settingsFile({
  what: "doors file",
  schema: z.strictObject({
    doors: z.array(z.strictObject({ name: z.string(), port: z.number().int().default(80) })).min(1),
  }),
  findings: (settings) => namesTwice(settings?.doors ?? [], ["doors"]),
  hint: "MUSTER_DOORS says which doors file to use.",
});
const said = (text: string) => doors.check(text, "doors.yaml").problems.map(formatProblem);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-settings-"));
  path = join(folder, "doors.yaml");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file of settings", () => {
  it("gives what it says, with what it does not say filled in", async () => {
    writeFileSync(path, "doors: [{ name: front }]\n");
    expect(await doors.load(path)).toEqual({ doors: [{ name: "front", port: 80 }] });
  });

  it("is told every mistake at once, in its order, with line and column", () => {
    expect(said("doors:\n  - { name: front, port: much }\n  - { nam: back }\nwindows: 2\n")).toEqual([
      'doors.yaml:2:26 port must be a number, not "much"',
      "doors.yaml:3:5 name is missing",
      "doors.yaml:3:7 the key nam is not known in doors[1]. Did you mean name?",
      "doors.yaml:4:1 the key windows is not known. Known here: doors.",
    ]);
  });

  it("is told what its schema cannot see", () => {
    expect(said("doors: [{ name: front }, { name: back }, { name: front }]")).toEqual([
      "doors.yaml:1:50 the name front is used twice. Name each once.",
    ]);
  });

  it.each(["", "doors: [", "doors: &a [*a]"])("is refused with a reason where nothing can be read: %j", (text) => {
    const { settings, problems } = doors.check(text, "doors.yaml");
    expect(settings).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });

  const hint = "MUSTER_DOORS says which doors file to use.";
  it("that cannot be used says which setting names it", async () => {
    await expect(doors.load(path)).rejects.toMatchObject({ code: "config-invalid", hint });
    await expect(doors.load(path)).rejects.toMatchObject({ summary: `There is no doors file ${path}.` });
    await expect(doors.load(folder)).rejects.toMatchObject({ summary: `${folder} is not a file.`, hint });
    writeFileSync(path, "doors: []\n");
    await expect(doors.load(path)).rejects.toMatchObject({
      code: "config-invalid",
      summary: `${path} has 1 problem.`,
      hint: expect.stringContaining("doors.yaml:1:8"),
    });
    writeFileSync(path, `# ${"a".repeat(largestFileBytes)}\n`);
    await expect(doors.load(path)).rejects.toMatchObject({ summary: `${path} is larger than 256 KiB.`, hint });
  });
});
