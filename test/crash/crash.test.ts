import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { WireEvent } from "../../src/commands/wire.ts";
import { compare, courses, createEffects } from "./effects.ts";
import { enumeratePoints, planStories } from "./points.ts";

const event = (kind: string, key: string, data: object = {}): WireEvent =>
  ({ kind, key, data }) as unknown as WireEvent;

const events = [
  event("verdict.changed", "verdict/us-east-1/9/down"),
  event("incident.opened", "incident/us-east-1/2026-05-04T02:13:40.000Z"),
  event("run.started", "run/started/run-1", { runId: "run-1" }),
  event("run.completed", "run/completed/run-1", { runId: "run-1" }),
  event("quarantine.lifted", "quarantine/us-east-1/run-1/lifted"),
  event("step.verified", "step/run-3/bake-50/1/verified", { runId: "run-3", stepId: "bake-50" }),
  event("step.assessed", "step/run-3/bake-100/1/assessed/1795696993820", { runId: "run-3", stepId: "bake-100" }),
];

describe("the points of a story", () => {
  it("are every write of the recovery, before and after, by chapters, with stars for times", () => {
    expect(enumeratePoints(events, "kill")).toEqual([
      [
        "kill before incident/us-east-1/*",
        "kill after incident/us-east-1/*",
        "kill before run/started/run-1",
        "kill after run/started/run-1",
        "kill before run/completed/run-1",
        "kill after run/completed/run-1",
      ],
      ["kill before quarantine/us-east-1/run-1/lifted", "kill after quarantine/us-east-1/run-1/lifted"],
      ["kill before step/run-3/bake-50/1/verified", "kill after step/run-3/bake-50/1/verified"],
      ["kill before step/run-3/bake-100/1/assessed/*", "kill after step/run-3/bake-100/1/assessed/*"],
    ]);
  });

  it("are all in the stories when all are asked for, one of each chapter in a story", () => {
    const chapters = enumeratePoints(events, "kill");
    const { stories, points } = planStories(chapters, undefined, 1);
    expect(stories).toHaveLength(6);
    expect(stories[0]).toHaveLength(4);
    expect(points).toBe(12);
    expect(new Set(stories.flat())).toEqual(new Set(chapters.flat()));
  });

  it("are a sample that is the same for one seed, another for another, and has the hardest in it", () => {
    const chapters = enumeratePoints(events, "kill");
    expect(planStories(chapters, 3, 7)).toEqual(planStories(chapters, 3, 7));
    const samples = [1, 2, 3, 4, 5, 6].map((seed) => planStories(chapters, 3, seed));
    expect(new Set(samples.map((sample) => JSON.stringify(sample))).size).toBeGreaterThan(1);
    for (const { stories } of samples) expect(stories.flat().join()).toContain("run/started/run-1");
  });
});

describe("the world's record", () => {
  it("tells what was changed once more than expected, and what was left out", () => {
    const expected = { redis: ["replica → primary"], dns: ["a → b", "b → c"] };
    const actual = { redis: ["replica → primary", "replica → primary"], dns: ["a → b"] };
    expect(compare(expected, actual)).toEqual({ twice: ["redis: replica → primary"], missing: ["dns: b → c"] });
    expect(compare(expected, expected)).toEqual({ twice: [], missing: [] });
  });

  it("keeps the changes of each resource in their order, and the requests that changed nothing apart", async () => {
    const effects = createEffects();
    await effects.asked("dns", undefined);
    effects.changed("dns", "a", "b");
    await effects.asked("dns", undefined);
    expect(courses(effects)).toEqual({ dns: ["a → b"] });
    expect(effects.writes).toHaveLength(2);
  });

  it.runIf(process.platform === "linux")("knows which process a request comes from while that is watched", async () => {
    const effects = createEffects();
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const far = await new Promise<Socket>((resolve) => server.once("connection", resolve));
    const port = far.remotePort;
    const callOffOther = effects.watch(1);
    await effects.asked("of another", port);
    const callOff = effects.watch(process.pid);
    const last = effects.asked("of this one", port);
    await callOff();
    expect(effects.writes.map(({ by }) => by)).toEqual([undefined, process.pid]);
    await last;
    await effects.asked("called off", port);
    expect(effects.writes.at(-1)).toEqual({ resource: "called off", at: expect.any(Number) });
    await callOffOther();
    near.destroy();
    server.close();
  });
});
