import { describe, expect, it } from "vitest";
import { eventSchemas } from "../../src/events.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import { GENESIS_HASH } from "../../src/journal/store.ts";
import { type Upcaster, upcastEvent } from "../../src/journal/upcast.ts";

const old = sealEvent({
  seq: 1,
  stream: "app/a",
  version: 1,
  at: "2026-01-02T03:04:05.678Z",
  instance: "instance-1",
  previousHash: GENESIS_HASH,
  event: { key: "note/1", kind: "comment.added", data: { id: "N-1", body: "All clear." }, actor: "operator" },
});

const renamed: Upcaster = (data) => {
  const { id, body } = data as { id: string; body: string };
  return { kind: "note.added", data: { noteId: id, text: body } };
};

describe("reading an older form of an event", () => {
  it("gives its present kind and data, and keeps what was written", () => {
    const event = upcastEvent(old, new Map([["comment.added", renamed]]));
    expect(event).toEqual({ ...old, kind: "note.added", data: { noteId: "N-1", text: "All clear." } });
    expect(eventSchemas["note.added"].parse(event.data)).toEqual(event.data);
  });

  it("leaves every other kind as it is", () => {
    expect(upcastEvent(old, new Map([["note.added", renamed]]))).toBe(old);
    expect(upcastEvent(old)).toBe(old);
  });
});
