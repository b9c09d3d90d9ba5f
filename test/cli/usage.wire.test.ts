import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FAULTS, MODELS, WAYS } from "../../lab/rehearsal/options.ts";
import { USAGE } from "../../src/cli/usage.ts";

const LAUNCHER = join(import.meta.dirname, "..", "..", "bin", "muster.mjs");

describe("a program that is asked how it is called", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "muster-usage-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Where nothing is configured and no server runs. */
  function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { PATH: process.env.PATH, MUSTER_DATA: join(directory, "data"), MUSTER_PORT: "1" };
    return new Promise((resolve) => {
      execFile(process.execPath, [LAUNCHER, ...words], { cwd: directory, env }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });
  }

  it.each(Object.keys(USAGE))("says so, and does nothing: %s", async (verb) => {
    const { code, stdout, stderr } = await run(verb, "--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trim()).toBe(USAGE[verb as keyof typeof USAGE]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("names every way in which a rehearsal can go", () => {
    for (const values of [FAULTS, WAYS, MODELS]) expect(USAGE.rehearse).toContain(` ${values.join("|")}]`);
  });

  it("lists the commands of a server", async () => {
    const { code, stdout } = await run("dr", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("failover <region>");
  });

  it.each(["start", "rehearse", "reset", "lab", "manifest:teams"])("says so to a wrong flag: %s", async (verb) => {
    const { code, stderr } = await run(verb, "--frobnicate");
    expect(code).toBe(1);
    expect(stderr).toContain("Unknown option '--frobnicate'");
    expect(stderr).toContain(USAGE[verb as keyof typeof USAGE].split(" -- ")[0]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("says how a command reaches a server, and what there is besides", async () => {
    expect(await run("status")).toMatchObject({ code: 1, stderr: expect.stringContaining("dr status") });
    expect(await run("comms", "hold")).toMatchObject({ code: 1, stderr: expect.stringContaining("dr comms") });
    expect(await run("frobnicate")).toMatchObject({ code: 1, stderr: expect.stringContaining("rehearse, reset") });
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining("Say what Muster is to do.") });
  });
});
