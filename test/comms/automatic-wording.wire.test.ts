import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writesDrafts } from "../../lab/model/writes.ts";
import type { ModelPort } from "../../src/assistant/model.ts";
import { commsCard } from "../../src/cards/comms.ts";
import { describeEvent } from "../../src/events/describe.ts";
import { createFakeStatusPage, type FakeStatusPage } from "../helpers/fake-status-page.ts";
import { startModel, type TestModel } from "../helpers/model.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { publicPlan } from "../helpers/public-story.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const planOf = (wording: "model" | undefined) =>
  makePlan(
    { failover: { trigger: "region-down", steps: [makeStep("a")] } },
    { communication: publicPlan(wording ? { wording } : {}).communication! },
  );

let page: FakeStatusPage;
let model: TestModel;
let muster: TestMuster;

async function begin(port?: ModelPort): Promise<void> {
  const assistant = port ? { ...model.assistant, model: port } : model.assistant;
  muster = startMuster(planOf("model"), createSwitchboard(), undefined, { statusPages: [page], assistant });
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  muster.start("executor", "comms", "wording", "status-page:fake");
}

beforeEach(async () => {
  page = createFakeStatusPage();
  model = await startModel({ wordingSeconds: 1 });
});
afterEach(async () => {
  await muster.stop();
  await model.server.close();
});

const posted = () => page.posted.map(({ update: { stage, text } }) => ({ stage, text }));
const events = async () => await muster.journal.read({ after: 0, limit: 1_000 });
const TEMPLATE = /^Question answering: requests have been failing since .* We are investigating\.$/;

/** What the journal says of the first update, once it stands on the page. */
async function firstUpdate() {
  await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/investigating"]?.sent.fake !== undefined);
  const { comms } = await muster.core.state();
  const sent = (await events()).find(({ kind }) => kind === "comms.sent");
  return { update: comms["inc-1"]!.updates["inc-1/investigating"]!, line: sent ? describeEvent(sent) : "" };
}

describe("an update that is posted by itself, with `wording: model`", () => {
  it("has the model's words, and everybody is told whose they are", async () => {
    model.server.play(writesDrafts);
    await begin();
    await muster.verdict("east", "down");
    const { update, line } = await firstUpdate();
    expect(update.text).toMatch(
      /^Requests of Question answering have been failing since .*, and we are looking into it/,
    );
    expect(posted()[0]).toEqual({ stage: "investigating", text: update.text });
    expect(update.wording).toMatchObject({
      prompt: "status-wording@2",
      requests: 1,
      model: "gpt-5.1",
      endpoint: "east",
    });
    expect(update.edited).toBeUndefined();
    expect(line).toBe(
      "Status update inc-1/investigating stands on fake, in the words of model gpt-5.1, checked by code.",
    );
    const view = await muster.core.comms.view();
    const card = commsCard(view);
    expect(card.text?.join("\n")).toContain(
      "Investigating, posted, in the words of model gpt-5.1, checked by code: “Requests of",
    );
    expect(card.facts).toContainEqual({ label: "Words", value: expect.stringContaining("a model's") });
    expect((await muster.core.state()).incidents["inc-1"]?.tokens).toBeGreaterThan(0);
  });

  it.each([
    { what: "dies", scene: { does: "fails", status: 503 } as const },
    {
      what: "says what the checks refuse",
      scene: { does: "writes", output: { text: "east will be back soon." } } as const,
    },
    { what: "writes what is no answer", scene: { does: "says", text: "Sure, here you go!" } as const },
    { what: "refuses", scene: { does: "refuses", text: "I cannot help with that." } as const },
  ])("has its template's words when the model $what, and says why", async ({ scene }) => {
    model.server.play(scene, scene);
    await begin();
    await muster.verdict("east", "down");
    const { update, line } = await firstUpdate();
    expect(update.text).toMatch(TEMPLATE);
    expect(update.wording?.model).toBeUndefined();
    expect(line).toMatch(/stands on fake, in the words of its template \(none by a model: .+\)\.$/);
    expect(posted().map(({ text }) => text)).not.toContainEqual(expect.stringContaining("back soon"));
  });

  it("is posted in its template's words when the model freezes, and what that took is known", async () => {
    model.server.play({ does: "hangs" });
    await begin();
    await muster.verdict("east", "down");
    const { update } = await firstUpdate();
    expect(update.text).toMatch(TEMPLATE);
    expect(update.wording).toMatchObject({ requests: 1, rejected: { code: expect.any(String) } });
    expect(model.server.asked.length).toBe(1);
  });

  it("does not wait for a client that ignores its deadline; what comes later is not used", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const stubborn: ModelPort = {
      complete: async (request) => {
        await held;
        return await model.assistant.model.complete({ ...request, signal: new AbortController().signal });
      },
      converse: () => Promise.reject(new Error("nobody converses here")),
    };
    model.server.play(writesDrafts);
    await begin(stubborn);
    await muster.verdict("east", "down");
    const { update } = await firstUpdate();
    expect(update.text).toMatch(TEMPLATE);
    expect(update.wording).toMatchObject({ requests: 0, rejected: { code: "vendor-unavailable" } });
    letGo();
    const late = async () => (await events()).find(({ kind }) => kind === "comms.suggested");
    await expect.poll(late).toMatchObject({
      data: { updateId: "inc-1/investigating", requests: 1, rejected: { summary: "It came too late to be used." } },
    });
    expect((await muster.core.state()).comms["inc-1"]?.updates["inc-1/investigating"]?.text).toBe(update.text);
    expect((await muster.core.state()).incidents["inc-1"]?.tokens).toBeGreaterThan(0);
  });

  it("is posted at once in its template's words when a person says so meanwhile", async () => {
    await model.server.close();
    model = await startModel({ wordingSeconds: 30 });
    model.server.play({ does: "hangs" });
    await begin();
    await muster.verdict("east", "down");
    await expect.poll(() => model.server.asked.length).toBe(1);
    expect((await muster.core.state()).comms["inc-1"]).toBeUndefined();
    await muster.core.comms.post("investigating", operator);
    const { update, line } = await firstUpdate();
    expect(update.text).toMatch(TEMPLATE);
    expect(update.wording).toBeUndefined();
    expect(line).toBe("Status update inc-1/investigating stands on fake.");
  });
});
