import { describe, expect, it } from "vitest";
import { person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "../http/server.ts";
import { dr } from "./run.ts";

const step = (stepId: string) => ({ runId: "run-1", stepId, attempt: 1 });

/** Lets the rest of the night happen while somebody watches. */
async function later(facts: (() => unknown)[]): Promise<void> {
  for (const fact of facts) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    await fact();
  }
}

describe("--watch", () => {
  it("prints what changes, line by line, and ends well with the run", async () => {
    const core = await scenes.running();
    const watching = dr(["run", "run-1", "--watch"], core);
    await later([
      () => core.emit("step.verified", { ...step("fence-source"), seen: { writable: false }, alreadySo: false }),
      () => core.emit("step.started", step("promote-target")),
      () => core.emit("step.intended", { ...step("promote-target"), action: "redis.promote-replica", input: {} }),
      () => core.emit("step.verified", { ...step("promote-target"), seen: {}, alreadySo: false }),
      () => core.emit("run.completed", { runId: "run-1" }),
    ]);
    const { code, out } = await watching;
    expect(code).toBe(0);
    const lines = out.split("\n").map((line) => line.trim());
    const promotion = lines
      .filter((line) => /^\S+ \w+ {2}Promote the session store/.test(line))
      .map((line) => line.split("  ")[0]);
    expect(promotion).toEqual(["▶ assessing", "▶ applying", "✓ done"]);
    expect(out).toContain("Failover us-east-1 → eu-central completed");
  });

  it("goes with a proposal to the end of its run, and says when people said no", async () => {
    const core = await scenes.detected();
    const watching = dr(["failover", "eu-central", "--watch"], core);
    await later([() => core.approvals.deny("approval-1", "not now", person("approver-1"))]);
    const { code, out } = await watching;
    expect(code).toBe(5);
    expect(out).toContain("waits for approval");
    expect(out).toContain("was cancelled");
  });

  it("ends when a run halts, because then it is a person's turn", async () => {
    const { code, out } = await dr(["run", "run-1", "--watch"], await scenes.halted());
    expect(code).toBe(5);
    expect(out).toContain("dr retry run-1 promote-target");
  });

  it("prints only the data at the end with --json", async () => {
    const { code, out } = await dr(["run", "run-1", "--watch", "--json"], await scenes.completed());
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ run: { phase: "completed" } });
  });

  it("waits for a server that went away and comes back", async () => {
    const core = await scenes.completed();
    const { app } = startHttp(core);
    let calls = 0;
    const flaky = (async (input: string, init?: RequestInit) => {
      calls += 1;
      if (calls < 4) throw new TypeError("fetch failed");
      return app.fetch(new Request(input, init));
    }) as typeof fetch;
    const { code, err } = await dr(["run", "run-1", "--watch"], undefined, { fetch: flaky });
    expect(code).toBe(0);
    expect(err.match(/trying again/g)).toHaveLength(1);
  });

  it("stops watching when it is interrupted, which harms nothing", async () => {
    const core = await scenes.running();
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 40);
    const { code, err } = await dr(["run", "run-1", "--watch"], core, { signal: interrupt.signal });
    // Not 0: a script must not take a run that goes on for one that is done.
    expect(code).toBe(130);
    expect(err).toContain("run-1 goes on without you");
    expect(core.current().runs["run-1"]?.phase).toBe("running");
    const status = new AbortController();
    setTimeout(() => status.abort(), 40);
    expect((await dr(["status", "--watch"], core, { signal: status.signal })).out).toContain("us-east-1");
  });
});

describe("journal --follow", () => {
  it("prints events as they come until it is interrupted", async () => {
    const core = await scenes.running();
    const interrupt = new AbortController();
    const following = dr(["journal", "--follow", "--after", String(core.events.length)], core, {
      signal: interrupt.signal,
    });
    await later([
      () => core.incidents.note("first\nline", person("operator")),
      () => core.incidents.note("second", person("operator")),
      () => interrupt.abort(),
    ]);
    const { code, out } = await following;
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => line.replace(/^\d+ {2}\S+ \S+ UTC {2}/, "")),
    ).toEqual([
      "note.added  operator  Note by operator: “first line”",
      "note.added  operator  Note by operator: “second”",
    ]);
  });

  it("begins a little before now when nobody says where", async () => {
    const core = await scenes.running();
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 40);
    const { out } = await dr(["journal", "--follow", "--json"], core, { signal: interrupt.signal });
    const seqs = out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(core.events.slice(-10).map(({ seq }) => seq));
  });
});
