import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commsCard } from "../../src/cards/comms.ts";
import { decideAbandoned } from "../../src/comms/decide-abandoned.ts";
import { AppError } from "../../src/errors.ts";
import { createFakeStatusPage, type FakeStatusPage } from "../helpers/fake-status-page.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { publicPlan, publicStory } from "../helpers/public-story.ts";
import { createSkippingClock, type SkippingClock } from "../helpers/skipping-clock.ts";
import { regionDies } from "../helpers/story-moves.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const away = new AppError({ code: "vendor-unavailable", summary: "The page is away.", retryable: true });
const UPDATE = "inc-1/investigating";

describe("a page that is taken out of the configuration while an update to it is open", () => {
  const plan = makePlan(
    { failover: { trigger: "region-down", steps: [makeStep("a")] } },
    { communication: publicPlan().communication! },
  );
  let own: FakeStatusPage;
  let muster: TestMuster;
  let clock: SkippingClock;

  function begin(pages: FakeStatusPage[], existing?: string): void {
    muster = startMuster(plan, createSwitchboard(), existing, { statusPages: pages, clock });
    muster.start("executor", "comms", ...pages.map(({ id }) => `status-page:${id}`));
  }
  const update = async () => (await muster.journal.load()).comms["inc-1"]?.updates[UPDATE];
  const card = async () => commsCard(await muster.core.comms.view()).text?.join("\n") ?? "";

  beforeEach(async () => {
    clock = createSkippingClock();
    own = createFakeStatusPage("page");
    const other = createFakeStatusPage("webhook");
    // It may have taken the update: nobody got an answer.
    other.post = () => Promise.reject(away);
    own.failure = away;
    begin([own, other]);
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await muster.verdict("east", "down");
    await muster.until(({ comms }) => Object.keys(comms["inc-1"]?.updates[UPDATE]?.posting ?? {}).length === 2);
    await muster.stop({ keep: true });
    begin([own], muster.directory);
  });
  afterEach(() => muster.stop());

  it("leaves an update that is not true any more skipped, and says that nobody knows whether it stands there", async () => {
    await muster.verdict("east", "healthy");
    own.failure = undefined;
    await muster.until(({ comms }) => comms["inc-1"]?.updates[UPDATE]?.posting?.page === undefined);
    // Another instance may still know the page: nothing is given up at once.
    expect((await update())?.posting?.webhook).toBeDefined();
    expect((await update())?.skipped).toBeUndefined();
    clock.skip(60_000);
    await muster.until(({ comms }) => comms["inc-1"]?.updates[UPDATE]?.skipped !== undefined);
    const { abandoned, posting, skipped } = (await update())!;
    expect(abandoned).toMatchObject({ webhook: { mayStand: true } });
    expect(posting).toEqual({});
    expect(skipped?.reason).toBe("It was no longer true. Whether it stands on webhook is not known.");
    expect(await card()).toContain(
      "Investigating was being posted on webhook when that page was taken out of the configuration: whether it stands there is not known. Look there.",
    );
  });

  it("does not keep an update that is true from the pages that there are", async () => {
    own.failure = undefined;
    await muster.until(({ comms }) => comms["inc-1"]?.updates[UPDATE]?.sent.page !== undefined);
    clock.skip(60_000);
    await muster.until(({ comms }) => comms["inc-1"]?.updates[UPDATE]?.abandoned?.webhook !== undefined);
    expect((await update())?.skipped).toBeUndefined();
    expect(await card()).toContain("whether it stands there is not known");
  });

  it("takes back what was said of a page that is configured once more and has the update", async () => {
    own.failure = undefined;
    clock.skip(60_000);
    await muster.until(({ comms }) => comms["inc-1"]?.updates[UPDATE]?.abandoned?.webhook !== undefined);
    await muster.stop({ keep: true });
    const again = createFakeStatusPage("webhook");
    begin([own, again], muster.directory);
    const state = await muster.until(({ comms }) => comms["inc-1"]?.updates[UPDATE]?.sent.webhook !== undefined);
    expect(state.comms["inc-1"]?.updates[UPDATE]?.abandoned).toEqual({});
    expect(again.calls).toContain("find shop/inc-1/investigating");
  });
});

describe("what is given up with a page", () => {
  function failed() {
    const story = publicStory();
    regionDies(story);
    story.available(false);
    story.settle();
    const why = { code: "vendor-rejected", summary: "The token is wrong.", hint: "Make a new one.", retrying: false };
    story.emit("comms.failed", { incidentId: "inc-1", updateId: UPDATE, destination: "statuspage", ...why });
    return story;
  }

  it("is what it refused, a minute afterwards, and nothing of a page that is there", () => {
    const story = failed();
    const now = Date.parse(story.now());
    expect(decideAbandoned(story.state(), ["page", "statuspage"], now + 90_000)).toEqual({ events: [] });
    expect(decideAbandoned(story.state(), ["page"], now)).toEqual({ events: [], wakeAt: now + 60_000 });
    const { events } = decideAbandoned(story.state(), ["page"], now + 60_000);
    expect(events).toMatchObject([{ kind: "comms.abandoned", data: { destination: "statuspage", mayStand: false } }]);
    story.emit("comms.abandoned", events[0]?.data as never, "system:comms");
    expect(story.updates()[0]).toMatchObject({ failed: {}, abandoned: { statuspage: { mayStand: false } } });
    expect(decideAbandoned(story.state(), ["page"], now + 90_000)).toEqual({ events: [] });
  });
});
