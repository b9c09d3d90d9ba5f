import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { answersQuestions } from "../../lab/model/answers.ts";
import { BOUNDS } from "../../src/assistant/ask.ts";
import { strictFaults } from "../../src/assistant/strict-schema.ts";
import { createTools } from "../../src/assistant/tools/index.ts";
import { defineTool, type Tool } from "../../src/assistant/tools/tool.ts";
import { askCard } from "../../src/cards/ask.ts";
import { type Asking, answer, call, fact, idOf, startAsking } from "../helpers/ask.ts";
import { person } from "../helpers/core.ts";
import { commander, operator, startMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let asking: Asking;
beforeEach(async () => {
  asking = await startAsking();
});
afterEach(() => asking.stop());

const region = (results: string[], code = "west") => idOf(results, `Region ${code}`);

describe("an answer", () => {
  it("says what the tools found, with values that code wrote and where each sentence comes from", async () => {
    asking.plays([call("status")], (results) => {
      const id = region(results);
      return [fact(`The region {{${id}.region}} is {{${id}.verdict}}.`, id), fact(`{{${id}.sentence}}`, id)];
    });
    const result = await asking.ask("is west well?");
    expect(result).toMatchObject({ outcome: "proved", endpoint: "east", model: "gpt-5.1", dropped: 0 });
    expect(result.claims[0]).toMatchObject({ text: "The region west is healthy.", refs: [], results: ["t1r4"] });
    expect(result.claims[1]?.text).toMatch(/^Region west \(standby\) is healthy since .* UTC\.$/);
    expect(result.looks).toMatchObject([{ id: "t1", tool: "status", outcome: "answered" }]);
    const card = askCard(result, operator);
    expect(card.text?.[0]).toBe("The region west is healthy. (t1)");
    const [called] = await asking.events("ask.tool-called");
    expect(card.citations).toEqual([{ label: "t1", event: called?.seq }]);
  });

  it("cites the events of the journal themselves", async () => {
    asking.plays(
      [call("journal_search", { kinds: ["verdict"], text: "west", run: null, minutes: null, limit: 5 })],
      (results) => {
        const id = idOf(results, "west");
        return [fact(`The region {{${id}.region}} was seen as {{${id}.to}} at {{${id}.at}}.`, id)];
      },
    );
    const [verdict] = (await asking.events("verdict.changed")).filter(({ data }) => data.region === "west");
    const result = await asking.ask("when was west last looked at?");
    expect(result.claims).toMatchObject([{ refs: [verdict?.seq], results: [] }]);
    expect(askCard(result, operator).citations?.[0]).toEqual({ label: `#${verdict?.seq}`, event: verdict?.seq });
  });

  it("is a fact of the journal, with the question and every look before it", async () => {
    asking.plays([call("status"), call("lag")], (results) => [
      fact(`{{${region(results)}.sentence}}`, region(results)),
    ]);
    const { askId } = await asking.ask("password=hunter2secret, is west well?");
    const all = (await asking.muster.journal.read({ after: 0, limit: 100 })).filter(({ kind }) =>
      kind.startsWith("ask."),
    );
    expect(all.map(({ key }) => key)).toEqual([
      `ask/${askId}/asked`,
      `ask/${askId}/tool/1`,
      `ask/${askId}/tool/2`,
      `ask/${askId}/answered`,
    ]);
    expect(all.every(({ actor }) => actor === "operator")).toBe(true);
    expect(all[0]?.data).toMatchObject({ question: "password=[redacted:password], is west well?" });
    expect(all[2]?.data).toMatchObject({
      tool: "lag",
      input: "{}",
      outcome: "answered",
      tokens: { input: 2_400, output: 600 },
    });
    expect(all[3]?.data).toMatchObject({
      calls: 2,
      requests: 3,
      tokens: { input: 3_600, output: 900 },
      prompt: "ask@1",
    });
    expect(asking.server.refused).toEqual([]);
  });

  it("is mended once, with what is wrong before the model's eyes; what is still wrong is left out", async () => {
    let id = "";
    asking.server.play(
      { does: "calls", calls: [call("status")] },
      ({ results }) => {
        id = region(results);
        return answer([fact(`The region {{${id}.region}} is down.`, id), fact(`{{${id}.sentence}}`, id)]);
      },
      () => answer([fact("The region west is fine.", id)]),
    );
    const result = await asking.ask();
    expect(asking.server.asked.at(-1)?.results.at(-1)).toContain('"down" is not what the cited event says.');
    expect(result.claims.map(({ text }) => text)).toEqual([expect.stringMatching(/^Region west/)]);
    expect(result.dropped).toBe(1);
    expect((await asking.events("ask.answered"))[0]?.data.dropped).toEqual([["literal-name", "judgement"]]);
  });

  it("says honestly that nothing can be proved, and shows what was looked at", async () => {
    asking.plays([call("status")], () => [fact("It is safe to fail back.", "t1r1")]);
    const { data, card } = await asking.card("is it safe to fail back?");
    expect(data).toMatchObject({ outcome: "unproved", claims: [] });
    expect(card.title).toBe("No answer that can be proved");
    expect(card.text?.[1]).toBe("Here is what was looked at:");
    expect(card.text?.join("\n")).toMatch(/Region west \(standby\) is healthy since .* \(t1\)/);
    expect(JSON.stringify(card)).not.toContain("It is safe");
  });
});

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

describe("the bounds", () => {
  it("tell without a model what to do instead", async () => {
    const bare = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
    onTestFinished(() => bare.stop());
    await expect(bare.core.assistant.ask("how?", operator, () => ({ fault: "" }))).rejects.toMatchObject({
      code: "config-invalid",
      hint: expect.stringContaining('"status", "summary"'),
    });
  });

  it("refuse a person who has asked too much, and journal that once", async () => {
    const other = await startAsking({
      limits: { questionsPerHour: 2, tokensPerHour: 1_000_000, tokensPerQuestion: 1_000_000 },
    });
    onTestFinished(() => other.stop());
    other.plays([], () => []);
    await other.ask();
    await other.ask();
    for (const _ of [1, 2])
      await expect(other.ask()).rejects.toMatchObject({
        code: "rate-limited",
        hint: expect.stringContaining("Ask again in"),
      });
    expect(await other.events("ask.refused")).toHaveLength(1);
    expect(other.server.asked).toHaveLength(2);
    await other.ask("may I?", commander);
  });

  it("refuse everybody when an hour's tokens are spent, also of questions that came to nothing", async () => {
    const other = await startAsking({
      limits: { questionsPerHour: 100, tokensPerHour: 2_000, tokensPerQuestion: 1_000_000 },
    });
    onTestFinished(() => other.stop());
    other.server.play({ does: "calls", calls: [call("status")] }, { does: "refuses", text: "No." });
    expect(await other.ask()).toMatchObject({ outcome: "unproved", tokens: { input: 2_400, output: 600 } });
    await expect(other.ask("and now?", commander)).rejects.toMatchObject({ code: "rate-limited" });
  });

  it("give a question that has cost enough no more looks, and let it answer with what was found", async () => {
    const other = await startAsking({
      limits: { questionsPerHour: 9, tokensPerHour: 1_000_000, tokensPerQuestion: 1_000 },
    });
    onTestFinished(() => other.stop());
    other.plays([call("status"), call("lag")], () => []);
    const result = await other.ask();
    expect(result.looks.map(({ tool }) => tool)).toEqual(["status"]);
    expect(result).toMatchObject({ outcome: "unproved", because: expect.stringContaining("more looks than it may") });
    other.plays([call("status")], (results) => [fact(`{{${region(results)}.sentence}}`, region(results))]);
    expect(await other.ask("and now?")).toMatchObject({ outcome: "proved" });
  });

  it("let a person ask one thing at a time, and end it when Muster ends", async () => {
    const other = await startAsking({}, { deadlineSeconds: 60 });
    onTestFinished(() => other.stop());
    other.server.play({ does: "hangs" });
    const first = other.ask().catch((error: unknown) => error);
    await expect.poll(() => other.server.asked.length).toBe(1);
    await expect(other.ask()).rejects.toMatchObject({
      code: "rate-limited",
      summary: expect.stringContaining("still being answered"),
    });
    await other.muster.workers.find(({ name }) => name === "assistant")?.stop();
    expect(await first).toMatchObject({ code: "vendor-unavailable" });
  });

  it("end a question in time, with what was found until then", async () => {
    const other = await startAsking({ bounds: { totalMs: 700 } });
    onTestFinished(() => other.stop());
    other.server.play({ does: "calls", calls: [call("status")] }, { does: "hangs" });
    expect(await other.ask()).toMatchObject({
      outcome: "unproved",
      because: expect.stringContaining("did not answer in time"),
      looks: [{ tool: "status" }],
    });
  });

  it("say what to do when no model answers, and journal what it cost", async () => {
    asking.server.play({ does: "refuses", text: "No." });
    await expect(asking.ask()).rejects.toMatchObject({
      code: "vendor-rejected",
      hint: expect.stringContaining('"status"'),
    });
    expect((await asking.events("ask.refused"))[0]?.data).toMatchObject({
      code: "vendor-rejected",
      requests: 1,
      tokens: { input: 1_200, output: 300 },
    });
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

describe("the lab's model", () => {
  it.each([
    ["is it safe to fail back?", ["readiness", "status"], /^There is nothing to fail back/],
    ["are we ready to fail over?", ["readiness", "status"], /^Failover east → west/],
    ["how far behind are the copies?", ["lag", "status"], /./],
    ["is everything well?", ["status"], /^Served from east/],
  ])("answers by rule, from what it was shown: %s", async (question, looks, first) => {
    asking.server.play(answersQuestions);
    const result = await asking.ask(question);
    expect(result).toMatchObject({ outcome: "proved", dropped: 0 });
    expect(result.looks.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(
      looks.map((tool) => `${tool} answered`),
    );
    expect(result.claims[0]?.text).toMatch(first);
    expect(asking.server.refused).toEqual([]);
  });
});
