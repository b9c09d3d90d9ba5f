import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkEvent, sealEvent, unsealEvent } from "../../src/journal/chain.ts";
import { GENESIS_HASH, type Head, type StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";

const GENESIS: Head = { seq: 0, hash: GENESIS_HASH };

/** `count` events, alternating between two streams. */
function chain(count: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let seq = 1; seq <= count; seq++) {
    events.push(
      sealEvent({
        seq,
        stream: seq % 2 ? "app/a" : "app/b",
        version: Math.ceil(seq / 2),
        at: "2026-01-02T03:04:05.678Z",
        instance: "instance-1",
        previousHash: events.at(-1)?.hash ?? GENESIS_HASH,
        event: { key: `key/${seq}`, kind: "thing.happened", data: { seq }, actor: "operator" },
      }),
    );
  }
  return events;
}

/** What an attacker does who knows the format: changes an event and gives it a fitting text and hash. */
function reseal(event: StoredEvent, change: Partial<StoredEvent>): StoredEvent {
  const { seq, stream, version, at, instance, previousHash, ...rest } = { ...event, ...change };
  return sealEvent({ seq, stream, version, at, instance, previousHash, event: rest });
}

function journalOf(events: StoredEvent[], head: Head = events.at(-1) ?? GENESIS) {
  return {
    head: async () => ({ seq: head.seq, hash: head.hash }),
    read: async ({ after, limit }: { after: number; limit: number }) =>
      events.filter(({ seq }) => seq > after).slice(0, Math.min(limit, 7)),
  };
}

describe("sealing an event", () => {
  it("writes this exact text, and the SHA-256 of the previous hash, a line end and the text", () => {
    const [event] = chain(1);
    expect(event?.text).toBe(
      '{"seq":1,"stream":"app/a","version":1,"at":"2026-01-02T03:04:05.678Z","instance":"instance-1","actor":"operator","kind":"thing.happened","key":"key/1","data":{"seq":1}}',
    );
    const sha256 = createHash("sha256").update(`${GENESIS_HASH}\n${event?.text}`).digest("hex");
    expect(event?.hash).toBe(sha256);
  });

  it("can be undone from the stored columns alone", () => {
    const [event] = chain(1) as [StoredEvent];
    const { seq, stream, version, key, previousHash, hash, text } = event;
    expect(unsealEvent({ seq, stream, version, key, previousHash, hash, text })).toEqual(event);
  });
});

describe("checking an event", () => {
  const [first, second, third] = chain(3) as [StoredEvent, StoredEvent, StoredEvent];

  it("accepts what was sealed", () => {
    expect(checkEvent(first, GENESIS)).toBeUndefined();
    expect(checkEvent(third, second)).toBeUndefined();
  });

  it.each<[string, StoredEvent, RegExp]>([
    ["another text", { ...second, text: second.text.replace('"seq":2}', '"seq":3}') }, /does not have its hash/],
    ["another hash", { ...second, hash: first.hash }, /does not have its hash/],
    ["another link", { ...second, previousHash: GENESIS_HASH }, /hash of the event before/],
    ["a gap", { ...second, seq: 3 }, /sequence 2 is missing/],
    ["another actor", { ...second, actor: "approver-1" }, /disagrees/],
    ["another kind", { ...second, kind: "thing.undone" }, /disagrees/],
    ["another key", { ...second, key: "key/9" }, /disagrees/],
    ["another stream", { ...second, stream: "app/z" }, /disagrees/],
    ["another version", { ...second, version: 9 }, /disagrees/],
    ["another time", { ...second, at: "2026-01-02T03:04:05.679Z" }, /disagrees/],
    ["another instance", { ...second, instance: "instance-2" }, /disagrees/],
    ["other data", { ...second, data: { seq: 9 } }, /disagrees/],
  ])("finds %s", (_, event, reason) => {
    expect(checkEvent(event, first)).toMatch(reason);
  });
});

describe("the audit of a chain", () => {
  it("accepts an intact one over many reads, and answers its length and head", async () => {
    const events = chain(40);
    expect(await verifyChain(journalOf(events))).toEqual({
      ok: true,
      events: 40,
      head: { seq: 40, hash: events[39]?.hash },
    });
  });

  it("finds an event that was changed and sealed anew at the one after it", async () => {
    const events = chain(40);
    events[19] = reseal(events[19] as StoredEvent, { actor: "approver-1" });
    expect(await verifyChain(journalOf(events))).toMatchObject({ ok: false, events: 20, firstBad: { seq: 21 } });
  });

  it("finds the last event changed and sealed anew by the head", async () => {
    const events = chain(40);
    const head = events[39] as StoredEvent;
    events[39] = reseal(head, { actor: "approver-1" });
    const bad = { seq: 40, reason: expect.stringContaining("head") };
    expect(await verifyChain(journalOf(events, head))).toMatchObject({ ok: false, firstBad: bad });
  });

  it("finds a gap in a stream's versions, though hashes and sequence hold", async () => {
    const events = chain(3);
    const [, , third] = events as [StoredEvent, StoredEvent, StoredEvent];
    events[2] = reseal(third, { version: 3 });
    const bad = { seq: 3, reason: expect.stringContaining("version 2 of its stream app/a") };
    expect(await verifyChain(journalOf(events))).toMatchObject({ ok: false, firstBad: bad });
  });

  it("finds missing events at the start, in the middle and at the end", async () => {
    const events = chain(40);
    const without = (from: number, to: number) =>
      verifyChain(
        journalOf(
          events.filter(({ seq }) => seq < from || seq > to),
          events[39],
        ),
      );
    expect(await without(1, 2)).toMatchObject({ firstBad: { seq: 3, reason: expect.stringContaining("sequence 1 ") } });
    expect(await without(20, 29)).toMatchObject({
      firstBad: { seq: 30, reason: expect.stringContaining("sequence 20 ") },
    });
    expect(await without(40, 40)).toMatchObject({ firstBad: { seq: 40, reason: expect.stringContaining("missing") } });
  });

  it("leaves events that are appended meanwhile to the next audit", async () => {
    const events = chain(40);
    let audits = 0;
    const growing = {
      ...journalOf(events),
      head: async () => events[audits++ === 0 ? 29 : 39] as StoredEvent,
    };
    expect(await verifyChain(growing)).toMatchObject({ ok: true, events: 30 });
  });

  it("finds events that stand after the head", async () => {
    const events = chain(40);
    const bad = { seq: 31, reason: expect.stringContaining("after the head") };
    expect(await verifyChain(journalOf(events, events[29]))).toMatchObject({ ok: false, firstBad: bad });
  });
});
