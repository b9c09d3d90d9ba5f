import { describe, expect, it } from "vitest";
import { nextStep, type Situation } from "../../src/deliveries/decide-sending.ts";
import type { Destination, Message } from "../../src/deliveries/port.ts";
import { initialState } from "../../src/fold.ts";
import { createFakeDestination } from "../helpers/fake-destination.ts";
import { fakePlan } from "../helpers/fake-plan.ts";

const NOW = Date.parse("2026-05-04T02:14:00.000Z");
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1_000).toISOString();
const message = (seq: number, secondsAgo = 1): Message<string> => {
  return { id: `m${seq}`, seq, at: at(secondsAgo), what: `thing ${seq}`, body: `text ${seq}` };
};
const base = initialState(fakePlan());

function situation(change: Partial<Situation> = {}): Situation {
  return {
    destination: createFakeDestination({ merges: true }),
    state: base,
    pending: [message(1), message(2)],
    sending: [],
    isDue: () => true,
    failingSince: () => undefined,
    merging: true,
    now: NOW,
    ...change,
  };
}

const pausing = (...ids: string[]) => ({ isDue: ({ id }: Message) => !ids.includes(id) });
const failing = (id: string, seconds: number) => ({
  failingSince: (one: Message) => (one.id === id ? NOW - seconds * 1_000 : undefined),
});

describe("what is sent next", () => {
  it("is the oldest, and nothing when nothing waits", () => {
    expect(nextStep(situation())).toMatchObject({ do: "send", message: { id: "m1" } });
    expect(nextStep(situation({ pending: [] }))).toBeUndefined();
  });

  it("is what was about to be sent when somebody stopped", () => {
    const open = [{ id: "m1", ids: ["m1"] }];
    expect(nextStep(situation({ sending: open }))).toMatchObject({ do: "resume", message: { id: "m1" } });
  });

  it("is nothing of what the journal says has arrived", () => {
    const sent = [{ messageId: "m1", what: "thing 1", at: at(1), happenedAt: at(2) }];
    const state = { ...base, deliveries: { fake: { sent, skipped: [], failed: {} } } };
    const step = nextStep(situation({ state, sending: [{ id: "m1", ids: ["m1"] }] }));
    expect(step).toEqual({ do: "settle", parts: [message(1)] });
  });

  it("waits while the oldest is pausing, so that the order is kept", () => {
    expect(nextStep(situation({ ...pausing("m1"), ...failing("m1", 59) }))).toBeUndefined();
  });

  it("is the one behind it after a minute, to learn which of the two sides is at fault", () => {
    const long = { ...pausing("m1"), ...failing("m1", 60) };
    expect(nextStep(situation(long))).toMatchObject({ do: "send", message: { id: "m2" } });
    expect(nextStep(situation({ ...long, pending: [message(1)] }))).toBeUndefined();
    expect(nextStep(situation({ ...long, ...pausing("m1", "m2") }))).toBeUndefined();
  });

  it("is nothing that is older than a day, unless a person has it tried again", () => {
    const pending = [message(1, 24 * 3_600)];
    expect(nextStep(situation({ pending }))).toMatchObject({ do: "skip", reason: "It is too old to be of use." });
    expect(nextStep(situation({ pending: [message(1, 24 * 3_600 - 1)] }))).toMatchObject({ do: "send" });
    const why = { code: "vendor-rejected", summary: "No.", hint: "", retrying: true };
    const again = { by: "operator", at: at(1) };
    const failed = { m1: { messageId: "m1", what: "thing 1", eventSeq: 1, at: at(9), ...why, again } };
    const state = { ...base, deliveries: { fake: { sent: [], skipped: [], failed } } };
    expect(nextStep(situation({ pending, state }))).toMatchObject({ do: "send" });
  });

  it("is not what its destination finds useless now, whatever is known of whether it arrived", () => {
    const seen: string[] = [];
    const skip: Destination["skip"] = (one, { behind }) => {
      seen.push(`${one.id} before ${behind.map(({ id }) => id)}`);
      return one.id === "m1" ? "It is over." : undefined;
    };
    const destination = { ...createFakeDestination(), skip };
    for (const sending of [[], [{ id: "m1", ids: ["m1"] }]]) {
      expect(nextStep(situation({ destination, sending }))).toMatchObject({ do: "skip", reason: "It is over." });
    }
    expect(seen[0]).toBe("m1 before m2");
  });
});

describe("several that are late", () => {
  const late = [message(1, 300), message(2, 200), message(3, 100)];

  it("are told as one, up to the first that is not late", () => {
    expect(nextStep(situation({ pending: [...late, message(4, 1)] }))).toMatchObject({
      do: "send",
      message: { id: "catch-up/m1", at: late[0]?.at, body: "text 1+text 2+text 3" },
      parts: late,
    });
  });

  it("are told each for itself when they are few, when one is fresh, or when the other side refused one for all", () => {
    for (const change of [
      { pending: late.slice(0, 2) },
      { pending: [message(1), ...late.slice(1)] },
      { pending: late, merging: false },
      { pending: late, destination: createFakeDestination() },
    ]) {
      expect(nextStep(situation(change))).toMatchObject({ do: "send", message: { id: "m1" } });
    }
  });

  it("are the same ones when it is not known whether they arrived", () => {
    const sending = [{ id: "catch-up/m1", ids: ["m1", "m2"] }];
    const step = nextStep(situation({ pending: late, sending }));
    expect(step).toMatchObject({ do: "resume", message: { id: "catch-up/m1", body: "text 1+text 2" } });
  });

  it("are never more than a message holds", () => {
    const pending = Array.from({ length: 100 }, (_, index) => message(index + 1, 300));
    const step = nextStep(situation({ pending }));
    expect(step && "parts" in step && step.parts).toHaveLength(40);
  });
});
