import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dedupKey } from "../../../adapters/pager/pagerduty.ts";
import { createPagerDestination } from "../../../src/pager/destination.ts";
import { destinationContract } from "../../contracts/destination.ts";
import { page, pagerContract } from "../../contracts/pager.ts";
import { openPagerDuty, type PagerDutyWorld } from "../../helpers/pagerduty.ts";
import { createStory, EAST } from "../../helpers/story.ts";

const WRONG_KEY = "f".repeat(32);

/** The account breaks in the ways that the vendor's pages name. */
function breaking(world: PagerDutyWorld) {
  const right = world.fake.routingKey;
  return {
    fail(how: "down" | "broken" | "slow" | "throttled" | "refusing") {
      if (how === "refusing") world.fake.routingKey = WRONG_KEY;
      else if (how === "throttled") world.fake.failing = { events: { status: 429, retryAfter: "7" } };
      else world.fake.failing = { events: { status: how === "slow" ? "hang" : how === "down" ? 502 : 500 } };
    },
    mend() {
      world.fake.failing = {};
      world.fake.routingKey = right;
    },
  };
}

pagerContract("PagerDuty", async () => {
  const world = await openPagerDuty();
  return {
    pager: world.pager,
    woken: () => world.fake.notified.map(({ key, level, title }) => ({ key, level, summary: title })),
    statusOf: (key) => world.fake.incidents.find((one) => one.key === dedupKey(key))?.status,
    ...breaking(world),
    stop: world.close,
  };
});

destinationContract("PagerDuty", async () => {
  const world = await openPagerDuty();
  const story = createStory();
  story.emit("incident.opened", {
    incidentId: "inc-1",
    title: "genai-api is down in us-east-1",
    region: EAST,
    severity: "sev1",
    openedBy: "signal",
    startedAt: story.now(),
  });
  return {
    destination: createPagerDestination(world.pager, "https://muster.example/"),
    event: story.events().at(-1)!,
    state: story.state(),
    effects: () => world.fake.notified.length,
    ...breaking(world),
    secrets: [world.fake.routingKey, world.fake.apiToken],
    stop: world.close,
  };
});

describe("PagerDuty", () => {
  let world: PagerDutyWorld;
  const signal = new AbortController().signal;
  beforeEach(async () => {
    world = await openPagerDuty();
  });
  afterEach(() => world.close());

  it("says what is wrong, how things stand and where to look", async () => {
    await world.pager.page("muster/genai-api/inc-1", page, signal);
    expect(world.fake.incidents[0]).toMatchObject({
      title: page.summary,
      severity: "critical",
      details: page.details,
      links: page.links,
    });
  });

  it("is away when nobody listens", async () => {
    const { pager } = world;
    await world.close();
    await expect(pager.page("key", page, signal)).rejects.toMatchObject({
      code: "vendor-unavailable",
      summary: "PagerDuty cannot be reached (no connection).",
    });
  });

  it.each([
    [undefined, 60_000],
    ["12", 12_000],
    ["soon", 60_000],
    ["86400", 3_600_000],
  ])("waits as long as it is asked to: %s", async (retryAfter, retryAfterMs) => {
    world.fake.failing = { events: { status: 429, ...(retryAfter !== undefined && { retryAfter }) } };
    await expect(world.pager.page("key", page, signal)).rejects.toMatchObject({ retryAfterMs });
  });

  it("says what it was not sent well, and that this is nobody's mistake outside", async () => {
    await expect(world.pager.page("key", { ...page, source: "" }, signal)).rejects.toMatchObject({
      code: "bad-input",
      retryable: false,
      hint: "This is a fault in Muster; please report it.",
    });
  });

  it("takes a 202 at its word: whether anybody was woken is not to be asked of events", async () => {
    world.fake.lying = true;
    await world.pager.page("key", page, signal);
    expect(world.fake.notified).toEqual([]);
  });

  it("neither escalates nor writes notes without a token and a name to write in", () => {
    const { apiToken: _, from: __, ...rest } = world.options;
    for (const more of [rest, { ...rest, apiToken: "t" }, { ...rest, from: "first@lab.example" }]) {
      const { escalate, notes } = openWith(more);
      expect([escalate, notes]).toEqual([undefined, undefined]);
    }
  });

  it.each([
    ["a token that nobody knows", { apiToken: "u+wrong-token" }, "does not let us in", "MUSTER_PAGERDUTY_API_TOKEN"],
    ["a name that nobody has", { from: "nobody@lab.example" }, "in whose name", "MUSTER_PAGERDUTY_FROM"],
  ])("says what to mend: %s", async (_, change, said, fix) => {
    await world.pager.page("key", page, signal);
    const error = await world
      .connect(change)
      .escalate?.("key", 2, signal)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "vendor-rejected", summary: expect.stringContaining(said) });
    expect(error).toMatchObject({ hint: expect.stringContaining(fix) });
  });

  it("says that a token may only read", async () => {
    await world.pager.page("key", page, signal);
    const pager = world.connect({ apiToken: world.fake.readOnlyToken });
    await expect(pager.escalate?.("key", 2, signal)).rejects.toMatchObject({
      summary: "PagerDuty lets us look only (HTTP 403).",
    });
  });

  it("writes a note beside the page, and finds it again by its ending", async () => {
    const { notes } = world.pager;
    expect(await notes?.add("key", "before there is a page", signal)).toBeUndefined();
    await world.pager.page("key", page, signal);
    const id = await notes?.add("key", "redis is back (shop/note/note-1)", signal);
    expect(world.fake.incidents[0]?.notes).toMatchObject([{ content: "redis is back (shop/note/note-1)" }]);
    expect(await notes?.find("key", "(shop/note/note-1)", signal)).toBe(id);
    expect(await notes?.find("key", "(shop/note/note-2)", signal)).toBeUndefined();
    expect(await notes?.keyOf("PINC001", ["other", "key"], signal)).toBe("key");
    expect(await notes?.keyOf("PINC001", ["other"], signal)).toBeUndefined();
  });

  function openWith(options: Parameters<PagerDutyWorld["connect"]>[0]) {
    // Nothing of what is left out may come from the world's own settings.
    const { apiToken, from } = options;
    return world.connect({ ...options, apiToken, from } as Parameters<PagerDutyWorld["connect"]>[0]);
  }
});
