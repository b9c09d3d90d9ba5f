import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Destination, type Message, messagesOf } from "../../src/deliveries/port.ts";
import { AppError } from "../../src/errors.ts";
import type { DomainEvent } from "../../src/events.ts";
import type { AppState } from "../../src/state.ts";

export interface DestinationFixture {
  destination: Destination;
  /** An event that gives it something to tell, and the state of that moment. */
  event: DomainEvent;
  state: AppState;
  /** How often what the event gives has taken effect on the other side. */
  effects(): Promise<number> | number;
  /** The other side breaks, until `mend`: no answer, an answer of its own trouble, too much asked, a refusal. */
  fail(how: "down" | "broken" | "throttled" | "refusing"): Promise<void> | void;
  mend(): Promise<void> | void;
  /** What must never be in an error or in what is told. */
  secrets: string[];
  stop(): Promise<void>;
}

/** What every destination of a delivery must do. */
export function destinationContract(name: string, create: () => Promise<DestinationFixture>): void {
  describe(`a destination: ${name}`, () => {
    let fixture: DestinationFixture;
    let message: Message;
    const signal = new AbortController().signal;
    const marker = () => `shop/${message.id}`;
    const send = (late = false) => fixture.destination.send(message, { marker: marker(), late, signal });
    const fault = () =>
      send().then(
        () => undefined,
        (reason: unknown) => reason,
      );
    beforeEach(async () => {
      fixture = await create();
      message = messagesOf(fixture.destination, fixture.event, fixture.state)[0]!;
    });
    afterEach(() => fixture.stop());

    it("has the same to tell of the same event, under the same name", () => {
      const { destination, event, state } = fixture;
      expect(message.id.startsWith(event.key)).toBe(true);
      expect(messagesOf(destination, event, state)).toEqual(messagesOf(destination, event, state));
      expect(message.what).toMatch(/^\S.{3,300}\S$/u);
    });

    it("tells it, and once however often it is told under one marker, or can be asked for it", async () => {
      await send();
      expect(await fixture.effects()).toBe(1);
      if (fixture.destination.find) {
        expect(await fixture.destination.find(marker(), { message, signal })).toBeDefined();
        expect(await fixture.destination.find(`${marker()}-other`, { message, signal })).toBeUndefined();
        return;
      }
      await send();
      expect(await fixture.effects()).toBe(1);
    });

    it.each([
      ["down", { code: "vendor-unavailable", retryable: true }],
      ["broken", { code: "vendor-unavailable", retryable: true }],
      ["throttled", { code: "vendor-throttled", retryable: true, retryAfterMs: expect.any(Number) }],
      ["refusing", { retryable: false }],
    ] as const)("says what is wrong when the other side is %s, and is taken afterwards", async (how, expected) => {
      await fixture.fail(how);
      const error = await fault();
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ ...expected, summary: expect.stringMatching(/\w/) });
      if (how !== "throttled") expect((error as AppError).hint).toMatch(/\w/);
      expect(await fixture.effects()).toBe(0);
      await fixture.mend();
      await send();
      expect(await fixture.effects()).toBe(1);
    });

    it("stops when it is asked to", async () => {
      const stopped = AbortSignal.abort(new Error("stopped"));
      await expect(
        fixture.destination.send(message, { marker: marker(), late: false, signal: stopped }),
      ).rejects.toThrow();
      expect(await fixture.effects()).toBe(0);
    });

    it("keeps its secrets out of what it says", async () => {
      const said = [JSON.stringify(message)];
      for (const how of ["down", "broken", "refusing"] as const) {
        await fixture.fail(how);
        const { summary, hint, message: text } = (await fault()) as AppError;
        said.push(summary, hint, text);
        await fixture.mend();
      }
      for (const secret of fixture.secrets) expect(said.join("\n")).not.toContain(secret);
    });
  });
}
