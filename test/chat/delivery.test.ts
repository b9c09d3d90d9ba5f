import { describe, expect, it } from "vitest";
import type { Card } from "../../src/cards/card.ts";
import { nextDelivery, type Posted, type Wanted } from "../../src/chat/delivery.ts";

const NOW = Date.parse("2030-01-01T00:10:00Z");
const wanted = (id: string, card: Partial<Card> = {}): Wanted => ({
  message: {
    id,
    at: "2030-01-01T00:00:00.000Z",
    form: "card",
    card: { title: id, status: "info", fallback: id, ...card },
  },
  digest: "new",
});
const known = (id: string): [string, Posted] => [id, { state: "posted", marker: id, ref: `ref-${id}`, digest: "old" }];
const progress = (done: number) => ({ done, total: 500, label: `${done} of 500 steps` });

describe("what a channel is told next", () => {
  const parts = Array.from({ length: 20 }, (_, index) => wanted(`timeline-inc-1-${index}`));

  it("is the end of a run, however many parts of its timeline wait and however lately its card was sent", () => {
    const run = wanted("run-1", { status: "ok", progress: progress(500) });
    const situation = { wanted: [...parts, run], posted: new Map([known("run-1")]), now: NOW };
    const { delivery } = nextDelivery({ ...situation, editedAt: new Map([["run-1", NOW]]) });
    expect(delivery).toMatchObject({ do: "update", ref: "ref-run-1" });
  });

  it("is the timeline while a run only goes on, until its card is old", () => {
    const run = wanted("run-1", { progress: progress(100) });
    const situation = { wanted: [...parts, run], posted: new Map([known("run-1")]), now: NOW };
    const sentAgo = (ms: number) => nextDelivery({ ...situation, editedAt: new Map([["run-1", NOW - ms]]) }).delivery;
    expect(sentAgo(1_000)).toMatchObject({ do: "post", wanted: { message: { id: "timeline-inc-1-0" } } });
    expect(sentAgo(5_000)).toMatchObject({ do: "update", ref: "ref-run-1" });
  });

  it("keeps on top what people must find, once, until they need it no more", () => {
    const incident = (pin: boolean): Wanted => {
      const one = wanted("inc-1");
      return { ...one, message: { ...one.message, pin } };
    };
    const next = (pin: boolean, pinned: boolean | undefined, canPin = true) => {
      const posted: Posted = { ...known("inc-1")[1], digest: "new", ...(pinned !== undefined && { pinned }) };
      return nextDelivery({
        wanted: [incident(pin)],
        posted: new Map([["inc-1", posted]]),
        editedAt: new Map(),
        canPin,
        now: NOW,
      }).delivery;
    };
    expect(next(true, undefined)).toMatchObject({ do: "pin", ref: "ref-inc-1", pinned: true });
    expect(next(true, true)).toBeUndefined();
    expect(next(false, true)).toMatchObject({ do: "pin", pinned: false });
    expect(next(false, undefined)).toBeUndefined();
    // A platform that has no such place is not asked.
    expect(next(true, undefined, false)).toBeUndefined();
  });
});
