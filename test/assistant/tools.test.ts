import { describe, expect, it } from "vitest";
import { checkClaim } from "../../src/assistant/check.ts";
import { evidenceOf } from "../../src/assistant/evidence.ts";
import { namesOfPlan } from "../../src/assistant/task.ts";
import { createTools } from "../../src/assistant/tools/index.ts";
import type { Told, ToolContext } from "../../src/assistant/tools/tool.ts";
import { filesOf, readText } from "../architecture/sources.ts";
import type { FakeCore } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

const tools = new Map(createTools().map((tool) => [tool.name, tool]));
const INPUTS: Record<string, object> = {
  run: { run: "run-1", step: null },
  readiness: { runbook: "failover", target: null },
  journal_search: { kinds: [], text: null, run: null, minutes: null, limit: 40 },
};

async function look(
  name: string,
  core: FakeCore,
  input: object = INPUTS[name] ?? {},
  more: Partial<ToolContext> = {},
): Promise<Told> {
  const context = {
    core,
    state: core.current(),
    at: new Date(core.now()).toISOString(),
    signal: new AbortController().signal,
    ...more,
  };
  const tool = tools.get(name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool.look(tool.input.parse(input), context);
}

const sentences = ({ rows }: Told) => rows.map(({ sentence }) => sentence).join("\n");

describe("every tool", () => {
  const cases = ["calm", "pending", "running", "halted"].flatMap((scene) =>
    [...tools.keys()].map((name) => [name, scene] as const),
  );

  it.each(cases)("tells rows whose own sentence stands up to the check: %s, %s", async (name, scene) => {
    const core = await scenes[scene as "calm"]();
    const state = core.current();
    if (name === "run" && !state.runs["run-1"]) return;
    const told = await look(name, core);
    const facts = evidenceOf(1, told, state, new Date(core.now()).toISOString());
    const context = {
      facts: new Map(facts.map((one) => [one.id, one])),
      names: namesOfPlan(core.plan, state),
      people: ["operator"],
    };
    expect(told.summary).not.toBe("");
    for (const { id, values } of facts) {
      const claim = { section: "answer", kind: "fact" as const, eventIds: [id], text: `{{${id}.sentence}}` };
      expect(checkClaim(claim, context)).toEqual([]);
      for (const [field, value] of Object.entries(values)) {
        expect(field).toMatch(/^[a-zA-Z]+$/);
        expect(value).not.toMatch(/undefined|NaN|\[object/);
      }
    }
  });
});

describe("the index of the tools", () => {
  it("has every file of the folder", () => {
    const index = readText("src/assistant/tools/index.ts");
    const files = filesOf("src/assistant/tools", ".ts").map((file) => file.split("/").at(-1) ?? "");
    const tools = files.filter((file) => file !== "index.ts" && file !== "tool.ts");
    expect(tools.filter((file) => !index.includes(`"./${file}"`))).toEqual([]);
    expect(tools.length).toBeGreaterThan(8);
  });
});

describe("status", () => {
  it("says what is down, and vouches for no more than it saw", async () => {
    const { rows, summary } = await look("status", await scenes.pending());
    const east = rows.find(({ kind, values }) => kind === "verdict.now" && values.region === "us-east-1");
    expect(east).toMatchObject({ values: { verdict: "down" }, says: ["down", "failed"] });
    expect(rows.find(({ kind }) => kind === "approval.now")?.sentence).toMatch(
      /^approval-1 for run-1 has 1 of 2 approvals/,
    );
    expect(summary).toContain("not well: us-east-1 down");
  });
});

describe("lag", () => {
  it("never calls an unknown amount anything else", async () => {
    const core = await scenes.calm();
    const copy = { store: "sessions", source: "us-east-1", target: "eu-central" };
    const at = new Date(core.now()).toISOString();
    const loss = { kind: "unknown" as const, reason: "the target's copy does not answer", at };
    core.emit("replication.sampled", { ...copy, loss, withinBudget: false });
    const { rows, summary } = await look("lag", core);
    expect(rows[0]).toMatchObject({
      values: { certainty: "unknown", standing: "over the budget" },
      says: ["unknown", "unknown-loss"],
    });
    expect(summary).toContain("over budget: sessions in eu-central");
  });

  it("counts a store that nobody measures as unknown", async () => {
    const core = await scenes.calm();
    const told = await look("lag", core, {}, { state: { ...core.current(), stores: {} } });
    expect(told.rows.every(({ says }) => says?.includes("unknown-loss"))).toBe(true);
    expect(told.rows.length).toBeGreaterThan(0);
  });
});

describe("readiness", () => {
  it("says that there is nothing to fail back when the service is at home", async () => {
    const told = await look("readiness", await scenes.calm(), { runbook: "failback", target: null });
    expect(sentences(told)).toContain("There is nothing to fail back: it is served from us-east-1, its home.");
  });

  it("asks the guards for every region that one could move to", async () => {
    const told = await look("readiness", await scenes.calm());
    expect(
      told.rows
        .filter(({ kind, values }) => kind === "run.readiness" && values.standing)
        .map(({ values }) => values.target),
    ).toEqual(["eu-central"]);
  });
});

describe("oncall", () => {
  it("says that no pager is connected", async () => {
    expect(sentences(await look("oncall", await scenes.calm()))).toContain("No pager is connected");
  });

  it("has names as values that code writes, and none in what a model reads", async () => {
    const onCall = { onCall: async () => [{ schedule: "platform", level: 1, person: "A. Person" }] };
    const told = await look("oncall", await scenes.calm(), {}, { onCall });
    expect(told.rows[0]).toMatchObject({
      sentence: "Somebody is on call for platform at level 1.",
      values: { person: "A. Person" },
    });
  });
});

describe("journal_search", () => {
  it("finds the latest that match, by kind, words, run and time", async () => {
    const core = await scenes.pending();
    const found = async (change: object) =>
      (await look("journal_search", core, { ...INPUTS.journal_search, ...change })).events?.map(({ kind }) => kind) ??
      [];
    expect(new Set(await found({ kinds: ["approval"] }))).toEqual(new Set(["approval.requested", "approval.decided"]));
    expect(await found({ run: "run-1", limit: 1 })).toHaveLength(1);
    expect(await found({ text: "no such words anywhere" })).toEqual([]);
    core.advance(60 * 60_000);
    expect(await found({ minutes: 5 })).toEqual([]);
  });
});
