import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writesDrafts } from "../../lab/model/writes.ts";
import { updateCard } from "../../src/cards/comms.ts";
import { updateView } from "../../src/comms/comms-view.ts";
import { createFakeStatusPage, type FakeStatusPage } from "../helpers/fake-status-page.ts";
import { startModel, type TestModel } from "../helpers/model.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { publicPlan } from "../helpers/public-story.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const { communication } = publicPlan({}, { identified: { afterMs: 0, publish: "ask" } });
const plan = makePlan(
  { failover: { trigger: "region-down", steps: [makeStep("a")] } },
  ...(communication ? [{ communication }] : []),
);

let page: FakeStatusPage;
let model: TestModel;
let muster: TestMuster;

beforeEach(async () => {
  page = createFakeStatusPage();
  model = await startModel();
  muster = startMuster(plan, createSwitchboard(), undefined, { statusPages: [page], assistant: model.assistant });
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  muster.start("executor", "comms", "wording", "status-page:fake");
});
afterEach(async () => {
  await muster.stop();
  await model.server.close();
});

const UPDATE = "inc-1/identified";
const update = async () => (await muster.core.state()).comms["inc-1"]?.updates[UPDATE];
const suggested = async () =>
  (await muster.journal.read({ after: 0, limit: 1_000 })).flatMap((event) =>
    event.kind === "comms.suggested" ? [event.data] : [],
  );

describe("an update that waits for a person", () => {
  it("has other words beside its own, which a person may use with one tap", async () => {
    model.server.play(writesDrafts);
    await muster.verdict("east", "down");
    await expect.poll(suggested, { timeout: 8_000 }).toHaveLength(1);
    const asked = await update();
    const comms = (await muster.core.state()).comms["inc-1"];
    if (!asked || !comms) throw new Error("nothing is asked");
    const view = updateView(asked, comms);
    expect(view.suggestion?.text).toMatch(/^Requests of Question answering have been failing/);
    const card = updateCard(view, "inc-1", new Date().toISOString());
    expect(card.text?.join("\n")).toContain("Suggested wording, by model gpt-5.1 and checked by code: “Requests of");
    const use = card.buttons?.find(({ label }) => label === "Use this wording for “identified”");
    expect(use).toMatchObject({ command: "comms edit", input: { stage: "identified", text: view.suggestion?.text } });
    // Nothing of it is public before somebody says so.
    expect(page.posted.map(({ update: { stage } }) => stage)).not.toContain("identified");
    await muster.core.comms.edit("identified", view.suggestion?.text ?? "", operator);
    await muster.core.comms.post("identified", operator);
    await expect
      .poll(() => page.posted.map(({ update: one }) => one.text), { timeout: 8_000 })
      .toContain(view.suggestion?.text);
    expect(await suggested()).toMatchObject([{ prompt: "status-wording@2", requests: 1 }]);
  });

  it("is asked about with public names alone, and by nothing that is inside", async () => {
    model.server.play(writesDrafts);
    await muster.verdict("east", "down");
    await expect.poll(suggested, { timeout: 8_000 }).toHaveLength(1);
    const { system = "", user = "" } = model.server.asked[0] ?? {};
    expect(user).toContain("services: Question answering");
    for (const inside of ["inc-1", "run-1", "ap-1", "east", "west", "operator"])
      expect(`${system}${user}`).not.toMatch(new RegExp(`\\b${inside}\\b`));
  });

  it("is mended once, and then left in the words of its template", async () => {
    model.server.play(
      { does: "writes", output: { text: "{{services}} has been failing in west." } },
      { does: "writes", output: { text: "{{services}} will be back soon." } },
    );
    await muster.verdict("east", "down");
    await expect.poll(suggested, { timeout: 8_000 }).toHaveLength(1);
    expect(await suggested()).toMatchObject([{ requests: 2, rejected: { code: "bad-input" } }]);
    expect((await update())?.suggested).toBeUndefined();
    expect((await update())?.text).toContain("We have found what is wrong");
    expect(model.server.asked[1]?.user).toContain("is a name: refer to it.");
  });

  it("does not wait for a model that hangs: it can be posted at once", async () => {
    model.server.play({ does: "hangs" });
    await muster.verdict("east", "down");
    await expect.poll(() => model.server.asked.length, { timeout: 8_000 }).toBe(1);
    await muster.core.comms.post("identified", operator);
    await expect
      .poll(() => page.posted.map(({ update: { stage } }) => stage), { timeout: 8_000 })
      .toContain("identified");
    expect(await suggested()).toEqual([]);
  });
});

describe("an update that is posted by itself", () => {
  it("is none of a model's business", async () => {
    model.server.play(writesDrafts);
    await muster.verdict("east", "down");
    await expect.poll(suggested, { timeout: 8_000 }).toHaveLength(1);
    expect(page.posted[0]?.update.stage).toBe("investigating");
    expect(model.server.asked).toHaveLength(1);
    expect(model.server.asked[0]?.user).toContain("Stage: identified");
  });
});
