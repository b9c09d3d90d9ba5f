import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { answersQuestions } from "../../lab/model/answers.ts";
import { askCard } from "../../src/cards/ask.ts";
import { type Asking, answer, call, fact, idOf, startAsking } from "../helpers/ask.ts";
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
