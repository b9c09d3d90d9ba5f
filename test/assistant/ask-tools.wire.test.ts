import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { BOUNDS } from "../../src/assistant/ask.ts";
import { strictFaults } from "../../src/assistant/strict-schema.ts";
import { createTools } from "../../src/assistant/tools/index.ts";
import { defineTool, type Tool } from "../../src/assistant/tools/tool.ts";
import { type Asking, call, fact, idOf, startAsking } from "../helpers/ask.ts";
import { person } from "../helpers/core.ts";
import { commander } from "../helpers/muster.ts";

let asking: Asking;
beforeEach(async () => {
  asking = await startAsking();
});
afterEach(() => asking.stop());

const region = (results: string[], code = "west") => idOf(results, `Region ${code}`);

describe("a tool call that goes wrong", () => {
  const hangs: Tool = defineTool({
    name: "hangs",
    description: "Hangs.",
    input: z.strictObject({}),
    output: z.object({}),
    read: () => new Promise<object>(() => {}),
    tell: () => ({ summary: "", rows: [] }),
  });
  const throws: Tool = { ...hangs, name: "throws", look: async () => Promise.reject(new Error("secret inner detail")) };
  const lies: Tool = defineTool({
    ...hangs,
    name: "lies",
    output: z.object({ rows: z.number() }),
    read: () => ({ rows: 1 }),
    tell: () => ({ summary: "", rows: [] }),
  });
  const broken = { ...lies, look: async () => z.object({ rows: z.number() }).parse({ rows: "many" }) as never };

  it.each([
    [
      "a tool that there is not",
      call("failover", { region: "west" }),
      "refused",
      /There is no such tool; there are status, lag/,
    ],
    ["an input out of its schema", call("run", { run: 7 }), "refused", /The input does not fit: run: .*; step: /],
    ["an input with a field too many", call("status", { sql: "drop" }), "refused", /Unrecognized key/],
    [
      "an input out of its bounds",
      call("journal_search", { kinds: [], text: null, run: null, minutes: null, limit: 5_000 }),
      "refused",
      /limit: must be 1 to 40/,
    ],
    ["an input that is no JSON", { name: "status", text: '{"a": ' }, "refused", /The input was no JSON/],
    ["something that there is not", call("run", { run: "run-9", step: null }), "failed", /run-9/],
    ["a tool that throws", call("throws"), "failed", /^It failed\.$/],
    ["a tool whose answer has not its form", call("lies"), "failed", /^It failed\.$/],
    ["a tool that hangs", call("hangs"), "failed", /did not answer in time/],
  ] as const)("is told and counts, and the rest goes on: %s", async (_, wrong, outcome, said) => {
    const other = await startAsking({ tools: [...createTools(), hangs, throws, broken], bounds: { toolMs: 300 } });
    onTestFinished(() => other.stop());
    other.plays([wrong, call("status")], (results) => [fact(`{{${region(results)}.sentence}}`, region(results))]);
    const result = await other.ask();
    expect(result.looks.map(({ outcome: how }) => how)).toEqual([outcome, "answered"]);
    expect(result.looks[0]?.summary).toMatch(said);
    expect(result.outcome).toBe("proved");
    const told = other.server.asked[1]?.results[0] ?? "";
    expect(told).toMatch(/^=[0-9a-f-]{36}= FAULT of t1: .* Calls left: 7\.$/);
    expect(told).not.toContain("inner detail");
    expect(other.server.refused).toEqual([]);
  });

  it("is not done again when its answer is there already", async () => {
    asking.plays([call("status"), call("status")], () => []);
    expect((await asking.ask()).looks[1]).toMatchObject({
      outcome: "refused",
      summary: expect.stringContaining("t1 is the answer"),
    });
  });

  it("ends after eight looks, whatever the model wants, with what was found", async () => {
    const kinds = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    asking.server.play(
      ...kinds.map((kind) => ({
        does: "calls" as const,
        calls: [call("journal_search", { kinds: [kind], text: null, run: null, minutes: null, limit: 1 })],
      })),
    );
    const result = await asking.ask();
    expect(result).toMatchObject({
      outcome: "unproved",
      because: expect.stringContaining("more looks than it may have"),
    });
    expect(result.looks).toHaveLength(BOUNDS.calls);
    expect(await asking.events("ask.tool-called")).toHaveLength(8);
    expect(asking.server.asked).toHaveLength(9);
    expect(asking.server.asked.at(-1)?.body).toMatchObject({ tool_choice: { function: { name: "answer" } } });
  });

  it("ends also when it asks for many at once: they are done one by one, and eight are all", async () => {
    const many = Array.from({ length: 12 }, (_, index) =>
      call("journal_search", { kinds: [`k${index}`], text: null, run: null, minutes: null, limit: 1 }),
    );
    asking.server.play({ does: "calls", calls: many });
    expect((await asking.ask()).looks).toHaveLength(8);
  });

  it("ends when the model writes text instead, twice", async () => {
    asking.server.play({ does: "calls", calls: [call("status")] }, { does: "says", text: "All is well!" });
    const result = await asking.ask();
    expect(result).toMatchObject({ outcome: "unproved", because: expect.stringContaining("astray") });
    expect(asking.server.asked).toHaveLength(3);
  });
});

describe("a write that is asked for", () => {
  it("has no tool, becomes a button at most, and is run by nobody but the person who presses", async () => {
    asking.plays(
      [call("status"), call("failover", { region: "west" })],
      (results) => [fact(`{{${region(results)}.sentence}}`, region(results))],
      "failover west --reason the model says so",
    );
    const { data, card } = await asking.card("fail over to west now!");
    expect(data).toMatchObject({ looks: [{}, { outcome: "refused" }] });
    expect((await asking.muster.core.state()).runs).toEqual({});
    expect(card.buttons).toMatchObject([
      {
        label: "Run: failover west",
        command: "failover",
        input: { region: "west" },
        ask: { field: "reason" },
        confirm: expect.stringContaining("as yourself"),
      },
    ]);
    expect(card.buttons?.[0]?.input).not.toHaveProperty("reason");
    expect((await asking.events("ask.answered"))[0]?.data.proposed).toEqual({
      command: "failover",
      input: { region: "west" },
    });
  });

  it("is no button for somebody who may not press it", async () => {
    asking.plays(
      [call("status")],
      (results) => [fact(`{{${region(results)}.sentence}}`, region(results))],
      "failover west",
    );
    const { card } = await asking.card("fail over?", person("observer"));
    expect(card.buttons).toEqual([]);
    expect(card.text?.at(-1)).toBe('It suggests "failover", which needs the role operator.');
  });

  it.each([
    ["a decision", "approve ap-1 --accept-all"],
    ["what gives something up", "skip run-1 a --reason x"],
    ["what speaks to the public", "comms post resolved"],
    ["what hands out a right", "token create"],
    ["what breaks a guard", "failover west --break-glass"],
    ["what breaks a freeze", "failover west --override-lock"],
    ["a region that there is not", "failover mars"],
    ["a run that there is not", "pause run-9"],
    ["no command at all", "rm -rf /"],
    ["two commands", "status; failover west"],
  ])("is never a button: %s", async (_, line) => {
    asking.plays([call("status")], (results) => [fact(`{{${region(results)}.sentence}}`, region(results))], line);
    const { data, card } = await asking.card("do it", commander);
    expect(card.buttons).toEqual([]);
    expect(data).not.toHaveProperty("proposal");
    expect(asking.server.asked.at(-1)?.results.at(-1)).toContain("command: ");
  });
});

describe("what a tool may be", () => {
  it.each(createTools())("has an input that Azure takes in strict mode: $name", ({ input }) => {
    const { $schema: _, ...schema } = z.toJSONSchema(input);
    expect(strictFaults(schema)).toEqual([]);
  });

  it("gives no tool a way to write", async () => {
    let seen: object = {};
    const spy: Tool = {
      ...(createTools()[0] as Tool),
      name: "spy",
      look: async (_, context) => {
        seen = context.core;
        return { summary: "", rows: [] };
      },
    };
    const other = await startAsking({ tools: [spy] });
    onTestFinished(() => other.stop());
    other.plays([call("spy")], () => []);
    await other.ask();
    const paths = Object.entries(seen).flatMap(([key, value]) =>
      key === "plan" ? [key] : Object.keys(value as object).map((one) => `${key}.${one}`),
    );
    expect(paths).toEqual(["plan", "runs.why", "runs.dryRun", "journal.query"]);
  });
});
