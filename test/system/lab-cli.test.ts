import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TryWorld, tryWorld } from "../lab/try-world.ts";

const LAB = join(import.meta.dirname, "..", "..", "lab", "lab.ts");

describe("npm run lab", () => {
  let world: TryWorld;
  beforeAll(async () => {
    world = await tryWorld();
  });
  afterAll(() => world.end());

  async function lab(...args: string[]): Promise<{ code: number; text: string }> {
    const run = promisify(execFile)(process.execPath, [LAB, ...args, "--data", world.data]);
    return run.then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stderr }) => ({ code, text: stderr }),
    );
  }

  it("does to the world what it is told, and says when that changes nothing", async () => {
    expect(await lab("slow", "eu-central", "50")).toEqual({ code: 0, text: "Done: slow eu-central 50.\n" });
    expect(await lab("slow", "eu-central", "50")).toEqual({ code: 0, text: "It was so already.\n" });
    expect(await lab("break-api", "route53", "throttle")).toMatchObject({ code: 0 });
    const { regions, apiFaults } = await world.lab.state();
    expect(regions[1]?.slowMs).toBe(50);
    expect(apiFaults).toEqual({ route53: "throttle" });
  });

  it("shows the world", async () => {
    expect(JSON.parse((await lab("state", "--json")).text)).toMatchObject({ primary: "us-east-1" });
    expect(JSON.parse((await lab("traffic", "--json")).text)).toMatchObject({ classes: { sticky: {} } });
    expect(JSON.parse((await lab("verify", "--json")).text)).toMatchObject({ primary: "us-east-1" });
    expect((await lab("help")).text).toContain("replication-lag");
  });

  it("shows it to people in tables that fit a terminal", async () => {
    for (const [verb, words] of [
      ["state", ["us-east-1", "the Redis of us-east-1 takes", "slow by 50 ms", "route53 is broken: throttle"]],
      ["traffic", ["ask DNS again", "in the last ten seconds"]],
      ["verify", ["Looked for in the Redis of us-east-1", "Lost"]],
    ] as const) {
      const { code, text } = await lab(verb);
      expect(code).toBe(0);
      for (const word of words) expect(text.toLowerCase()).toContain(word.toLowerCase());
      expect(Math.max(...text.split("\n").map(({ length }) => length)), text).toBeLessThanOrEqual(100);
    }
  });

  it("says what it would have understood", async () => {
    expect(await lab("explode", "us-east-1")).toMatchObject({
      code: 1,
      text: expect.stringContaining("kind must be one of kill"),
    });
    expect(await lab("kill", "mars")).toMatchObject({
      code: 1,
      text: expect.stringContaining("us-east-1, eu-central"),
    });
    expect(await lab("slow", "us-east-1")).toMatchObject({ code: 1, text: expect.stringContaining("delayMs") });
  });

  it("says how to start a world that is not there", async () => {
    await world.lab.stop();
    expect(await lab("state")).toMatchObject({ code: 1, text: expect.stringContaining("npm start") });
  });
});
