import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { PublicUpdate, StatusPagePort } from "../../src/status-page/port.ts";
import type { PublicPage } from "../../src/status-page/views.ts";

export interface StatusPageFixture {
  page: StatusPagePort;
  /** What the public reads there: the updates of each incident, oldest first, and the state of each component. */
  read(): Promise<{ incidents: { title: string; texts: string[] }[]; components: Record<string, string> }>;
  /** The page does not answer, until `mend`. */
  fail(): Promise<void>;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

const STARTED = "2026-05-04T02:13:40.000Z";

const update = (change: Partial<PublicUpdate> = {}): PublicUpdate => ({
  stage: "investigating",
  title: "Disruption of Question answering",
  text: "Question answering: requests have been failing since 02:13 UTC. We are investigating.",
  at: "2026-05-04T02:13:50.000Z",
  startedAt: STARTED,
  ...change,
});

/** The page as it should be when these updates stand on it. */
export function pageWith(updates: PublicUpdate[], state: PublicPage["state"] = "major_outage"): PublicPage {
  const starts = [...new Set(updates.map(({ startedAt }) => startedAt))];
  return {
    title: "GenAI API",
    at: "2026-05-04T02:14:00.000Z",
    state,
    components: [{ id: "api", name: "Question answering", state }],
    incidents: starts.toReversed().map((startedAt) => {
      const own = updates.filter((one) => one.startedAt === startedAt);
      const id = startedAt.replace(/\.\d+|[-:]/g, "");
      return {
        id,
        title: own[0]?.title ?? "",
        stage: own.at(-1)?.stage ?? "investigating",
        startedAt,
        updates: own.map(({ stage, at, text }, index) => ({ id: `${id}-${index}`, stage, at, text })).toReversed(),
      };
    }),
  };
}

/** What every status page must do. */
export function statusPageContract(name: string, create: () => Promise<StatusPageFixture>): void {
  describe(`a status page: ${name}`, () => {
    let fixture: StatusPageFixture;
    const signal = new AbortController().signal;
    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.stop());

    const first = update();
    const second = update({
      stage: "identified",
      text: "We have found what is wrong.",
      at: "2026-05-04T02:18:40.000Z",
    });

    it("shows an update, and the next one with it in the same incident", async () => {
      const { page } = fixture;
      const incident = await page.post(first, { marker: "shop/inc-1/investigating", page: pageWith([first]), signal });
      const context = { marker: "shop/inc-1/identified", page: pageWith([first, second]), incident, signal };
      expect(await page.post(second, context)).toBe(incident);
      const { incidents } = await fixture.read();
      expect(incidents).toEqual([{ title: first.title, texts: [first.text, second.text] }]);
    });

    it("finds what was posted by its marker, and nothing else", async () => {
      const { page } = fixture;
      expect(await page.find("shop/inc-1/investigating", { signal })).toBeUndefined();
      const incident = await page.post(first, { marker: "shop/inc-1/investigating", page: pageWith([first]), signal });
      expect(await page.find("shop/inc-1/investigating", { signal })).toBe(incident);
      expect(await page.find("shop/inc-1/identified", { incident, signal })).toBeUndefined();
      const context = { marker: "shop/inc-1/identified", page: pageWith([first, second]), incident, signal };
      await page.post(second, context);
      expect(await page.find("shop/inc-1/identified", { incident, signal })).toBe(incident);
      expect(await page.find("shop/inc-1/investigating", { incident, signal })).toBe(incident);
    });

    it("keeps incidents apart", async () => {
      const { page } = fixture;
      const later = update({
        startedAt: "2026-06-01T10:00:00.000Z",
        text: "Another one.",
        at: "2026-06-01T10:00:10.000Z",
      });
      const one = await page.post(first, { marker: "shop/inc-1/investigating", page: pageWith([first]), signal });
      const done = update({ stage: "resolved", text: "It is over.", at: "2026-05-04T03:00:00.000Z" });
      const over = pageWith([first, done], "operational");
      await page.post(done, { marker: "shop/inc-1/resolved", page: over, incident: one, signal });
      const all = pageWith([first, done, later]);
      const other = await page.post(later, { marker: "shop/inc-2/investigating", page: all, signal });
      expect(other).not.toBe(one);
      const { incidents } = await fixture.read();
      expect(incidents.map(({ texts }) => texts).toSorted()).toEqual([["Another one."], [first.text, "It is over."]]);
    });

    it("shows how components are, with an update and without one", async () => {
      const { page } = fixture;
      await page.post(first, { marker: "shop/inc-1/investigating", page: pageWith([first]), signal });
      await page.show(pageWith([first]), signal);
      expect((await fixture.read()).components).toEqual({ "Question answering": "major_outage" });
      await page.show(pageWith([first], "operational"), signal);
      await page.show(pageWith([first], "operational"), signal);
      const { components, incidents } = await fixture.read();
      expect(components).toEqual({ "Question answering": "operational" });
      expect(incidents).toEqual([{ title: first.title, texts: [first.text] }]);
    });

    it("reads back what the public reads, and which updates it does not, where that can be asked", async () => {
      const { page } = fixture;
      if (!page.read) return expect(["webhook"]).toContain(page.id);
      const marker = "shop/inc-1/investigating";
      const incident = await page.post(first, { marker, page: pageWith([first]), signal });
      await page.show(pageWith([first]), signal);
      const posted = { marker, incident, update: first };
      const never = { marker: "shop/inc-1/identified", incident, update: second };
      const components = { "Question answering": "major_outage" };
      expect(await page.read([posted], signal)).toEqual({ state: "read", components, missing: [] });
      expect(await page.read([posted, never], signal)).toMatchObject({ state: "read", missing: [never.marker] });
      await page.show(pageWith([first], "operational"), signal);
      expect(await page.read([], signal)).toMatchObject({ components: { "Question answering": "operational" } });
    });

    it("shows texts as they are, whatever is in them", async () => {
      const { page } = fixture;
      const text = `<script>alert("1")</script> & 'quotes' — ümläut 🚒 {{curly}} \${dollar}`;
      const odd = update({ title: 'A & B <b>"x"</b>', text });
      await page.post(odd, { marker: "shop/inc-1/investigating", page: pageWith([odd]), signal });
      expect((await fixture.read()).incidents).toEqual([{ title: odd.title, texts: [text] }]);
    });

    it("says when it cannot be reached, with what to do, and takes the same update afterwards", async () => {
      const { page } = fixture;
      await fixture.fail();
      const context = { marker: "shop/inc-1/investigating", page: pageWith([first]), signal };
      const error = await page.post(first, context).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: "vendor-unavailable", retryable: true, hint: expect.stringMatching(/\w/) });
      await expect(page.show(pageWith([first]), signal)).rejects.toBeInstanceOf(AppError);
      await fixture.mend();
      await page.post(first, context);
      expect((await fixture.read()).incidents).toEqual([{ title: first.title, texts: [first.text] }]);
    });
  });
}
