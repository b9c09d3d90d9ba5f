import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_DATA, DEFAULT_PORT } from "../../lab/defaults.ts";
import { elsewhere, suggestions } from "../../lab/suggestions.ts";

const both = (...killed: string[]) =>
  ["us-east-1", "eu-central"].map((code) => ({ code, killed: killed.includes(code) }));
const status = (more: object = {}) =>
  ({ active: "us-east-1", home: "us-east-1", pending: [], runs: [], ...more }) as Parameters<typeof suggestions>[1];
const commands = (...of: Parameters<typeof suggestions>) =>
  suggestions(...of).map(([command]) => command.replace("npm run ", ""));

describe("what there is to try after a start", () => {
  it("begins with a failover that would work, and the death of the region that serves", () => {
    expect(commands(both(), status())).toEqual([
      "dr -- status",
      "dr -- failover eu-central --dry-run",
      "lab -- kill us-east-1",
    ]);
  });

  it("never kills what is dead, nor fails over to it", () => {
    expect(commands(both("eu-central"), status())).toEqual(["dr -- status", "lab -- restore eu-central"]);
    expect(commands(both("us-east-1"), status())).toContain("lab -- restore us-east-1");
  });

  it("asks how to come home when the service is away, and kills the region where it is", () => {
    expect(commands(both(), status({ active: "eu-central" }))).toEqual([
      "dr -- status",
      "dr -- failback --dry-run",
      "lab -- kill eu-central",
    ]);
  });

  it("leads to the question that waits, then to the run that goes on", () => {
    const runs = [{ runId: "run-3" }];
    const asked = status({ pending: [{ approvalId: "ap-2" }], runs });
    expect(commands(both("us-east-1"), asked)[1]).toBe("dr -- pending --as approver-1");
    expect(commands(both("us-east-1"), status({ runs }))[1]).toBe("dr -- why run-3");
  });

  it("guesses nothing while Muster does not say where the service is", () => {
    expect(commands(both(), undefined)).toEqual(["dr -- status"]);
  });

  it("says where this Muster is, unless it is where everybody looks", () => {
    const usual = { data: resolve(DEFAULT_DATA), port: DEFAULT_PORT };
    expect(elsewhere(usual)).toBe("");
    expect(elsewhere({ ...usual, port: 4700 })).toBe(", after export MUSTER_PORT=4700");
    expect(elsewhere({ data: "/srv/my data", port: 4700 })).toBe(
      ", after export MUSTER_PORT=4700 MUSTER_DATA='/srv/my data'",
    );
  });
});
