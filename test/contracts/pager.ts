import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { Page, PagerPort } from "../../src/pager/port.ts";

export interface PagerFixture {
  pager: PagerPort;
  /** Each time that somebody was woken. */
  woken(): { key: string; level: number; summary: string }[];
  /** How the page stands on the other side. */
  statusOf(key: string): string | undefined;
  fail(how: "down" | "broken" | "slow" | "throttled" | "refusing"): Promise<void> | void;
  mend(): Promise<void> | void;
  stop(): Promise<void>;
}

export const page: Page = {
  summary: "genai-api: It is down in us-east-1.",
  severity: "critical",
  source: "genai-api",
  component: "us-east-1",
  at: "2026-05-04T02:13:40.000Z",
  details: { incident: "inc-1", "active region": "us-east-1" },
  links: [{ href: "https://muster.example/", text: "Control room" }],
};

/** What every pager must do. */
export function pagerContract(name: string, create: () => Promise<PagerFixture>): void {
  describe(`a pager: ${name}`, () => {
    let fixture: PagerFixture;
    const signal = new AbortController().signal;
    const key = "muster/genai-api/inc-1";
    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.stop());

    it("wakes people once for one trouble, however often it is told of it", async () => {
      const { pager } = fixture;
      await pager.page(key, page, signal);
      await pager.page(key, page, signal);
      expect(fixture.woken()).toEqual([{ key, level: 1, summary: page.summary }]);
      await pager.page(`${key}-other`, page, signal);
      expect(fixture.woken()).toHaveLength(2);
    });

    it("shows what it woke people for, when it can be asked", async () => {
      const { pager } = fixture;
      if (!pager.shows) return;
      expect(await pager.shows(key, signal)).toBe(false);
      await pager.page(key, page, signal);
      expect(await pager.shows(key, signal)).toBe(true);
    });

    it("lets a page be acknowledged and ended, and wakes people anew when the trouble is back", async () => {
      const { pager } = fixture;
      await pager.page(key, page, signal);
      await pager.acknowledge(key, page, signal);
      expect(fixture.statusOf(key)).toBe("acknowledged");
      await pager.resolve(key, page, signal);
      await pager.resolve(key, page, signal);
      expect(fixture.statusOf(key)).toBe("resolved");
      await pager.page(key, page, signal);
      expect(fixture.woken()).toHaveLength(2);
    });

    it("takes the end of what it never heard of", async () => {
      await fixture.pager.acknowledge("muster/genai-api/inc-9", page, signal);
      await fixture.pager.resolve("muster/genai-api/inc-9", page, signal);
      expect(fixture.woken()).toEqual([]);
    });

    it("wakes the next level when it can, and says when there is nothing to escalate", async () => {
      const { pager } = fixture;
      if (!pager.escalate) return;
      expect(await pager.escalate(key, 2, signal)).toBe(false);
      await pager.page(key, page, signal);
      expect(await pager.escalate(key, 2, signal)).toBe(true);
      expect(await pager.escalate(key, 2, signal)).toBe(true);
      expect(fixture.woken().map(({ level }) => level)).toEqual([1, 2]);
      await pager.resolve(key, page, signal);
      expect(await pager.escalate(key, 3, signal)).toBe(false);
    });

    it("takes what is longer than it shows, and keeps long keys apart", async () => {
      const long = { ...page, summary: "x".repeat(5_000), details: { text: "y".repeat(100_000) } };
      for (const ending of ["a", "b"]) await fixture.pager.page(`${"k".repeat(400)}${ending}`, long, signal);
      expect(fixture.woken()).toHaveLength(2);
    });

    it.each([
      ["down", { code: "vendor-unavailable", retryable: true }],
      ["broken", { code: "vendor-unavailable", retryable: true }],
      ["slow", { code: "vendor-unavailable", retryable: true }],
      ["throttled", { code: "vendor-throttled", retryable: true, retryAfterMs: 7_000 }],
      ["refusing", { code: "vendor-rejected", retryable: false }],
    ] as const)("says what is wrong when it is %s, and takes the page afterwards", async (how, expected) => {
      await fixture.fail(how);
      const error = await fixture.pager.page(key, page, signal).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject(expected);
      expect(fixture.woken()).toEqual([]);
      await fixture.mend();
      await fixture.pager.page(key, page, signal);
      expect(fixture.woken()).toHaveLength(1);
    });

    it("stops when it is asked to", async () => {
      const stopped = AbortSignal.abort(new Error("stopped"));
      await expect(fixture.pager.page(key, page, stopped)).rejects.toThrow("stopped");
      expect(fixture.woken()).toEqual([]);
    });
  });
}
