import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { Mail, MailPort } from "../../src/mail/port.ts";

/** What stands in the boxes: each mail with who got it. */
export interface Delivered {
  messageId: string;
  recipients: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

export interface MailFixture {
  mail: MailPort;
  delivered(): Delivered[];
  /** What the server does from now on. */
  set(mode: "take" | "down" | "hang" | "throttle" | "refuse" | "greylist"): Promise<void>;
  /** These are not known there. */
  unknown(...addresses: string[]): void;
  stop(): Promise<void>;
}

const first: Mail = {
  messageId: "<0123456789abcdef@example.org>",
  subject: "Investigating: Disruption of Question answering",
  text: "Requests have been failing — ümläut.\n",
  html: "<p>Requests have been failing — ümläut.</p>",
};

/** What every sender of mail must do. */
export function mailContract(name: string, create: () => Promise<MailFixture>): void {
  describe(`a sender of mail: ${name}`, () => {
    let fixture: MailFixture;
    const signal = new AbortController().signal;
    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.stop());

    const failure = async (mail = first, to = ["a@example.org"]) =>
      fixture.mail.send(mail, to, signal).then(
        () => undefined,
        (error: unknown) => error,
      );

    it("sends one mail to all, none of whom sees the others", async () => {
      const to = ["a@example.org", "b@example.net", "c@example.com"];
      expect(await fixture.mail.send(first, to, signal)).toEqual({ accepted: 3, refused: 0 });
      const [mail, ...more] = fixture.delivered();
      expect(more).toEqual([]);
      expect(mail).toMatchObject({ recipients: to, messageId: first.messageId, subject: first.subject });
      expect(mail?.text.trim()).toBe(first.text.trim());
      expect(mail?.html).toContain("ümläut");
      for (const address of to) expect(JSON.stringify(mail?.headers)).not.toContain(address);
      expect(mail?.headers).toMatchObject({ "auto-submitted": "auto-generated" });
      expect(mail?.headers["list-unsubscribe"]).toMatch(/^<(mailto|https):.+>$/);
    });

    it("says which mail another one follows, and keeps the id of one that is repeated", async () => {
      await fixture.mail.send(first, ["a@example.org"], signal);
      const next = { ...first, messageId: "<fedcba@example.org>", inReplyTo: first.messageId };
      await fixture.mail.send(next, ["a@example.org"], signal);
      const ids = fixture.delivered().map(({ messageId }) => messageId);
      expect(ids).toEqual([first.messageId, next.messageId]);
      expect(fixture.delivered()[1]?.headers).toMatchObject({
        "in-reply-to": first.messageId,
        references: first.messageId,
      });
    });

    it("has no header that somebody wrote into a title", async () => {
      const sly = { ...first, subject: "A title\r\nBcc: somebody@example.org" };
      expect(await failure(sly)).toMatchObject({ code: "bad-input", hint: expect.stringMatching(/\w/) });
      expect(fixture.delivered()).toEqual([]);
    });

    it("goes to more people than a server takes at once", async () => {
      const to = Array.from({ length: 250 }, (_, index) => `person-${index}@example.org`);
      expect(await fixture.mail.send(first, to, signal)).toEqual({ accepted: 250, refused: 0 });
      expect(fixture.delivered().flatMap(({ recipients }) => recipients)).toEqual(to);
      expect(new Set(fixture.delivered().map(({ messageId }) => messageId))).toEqual(new Set([first.messageId]));
    });

    it("reaches the others when some addresses are not known, and fails when none is", async () => {
      fixture.unknown("gone@example.org");
      expect(await fixture.mail.send(first, ["gone@example.org", "a@example.org"], signal)).toEqual({
        accepted: 1,
        refused: 1,
      });
      const alone = { ...first, messageId: "<another@example.org>" };
      expect(await failure(alone, ["gone@example.org"])).toMatchObject({ code: "vendor-rejected", retryable: false });
    });

    it("goes to those who were put off when it is sent again, and to nobody twice", async () => {
      await fixture.mail.send({ ...first, messageId: "<before@example.org>" }, ["a@example.org"], signal);
      await fixture.set("greylist");
      const error = await failure(first, ["a@example.org", "b@example.org"]);
      expect(error).toMatchObject({ code: "vendor-unavailable", retryable: true });
      expect(await fixture.mail.send(first, ["a@example.org", "b@example.org"], signal)).toMatchObject({ refused: 0 });
      const got = fixture.delivered().filter(({ messageId }) => messageId === first.messageId);
      expect(got.flatMap(({ recipients }) => recipients)).toEqual(["a@example.org", "b@example.org"]);
    });

    it.each([
      ["down", { code: "vendor-unavailable", retryable: true }],
      ["hang", { code: "vendor-unavailable", retryable: true }],
      ["throttle", { code: "vendor-throttled", retryAfterMs: 60_000 }],
      ["refuse", { code: "vendor-rejected", retryable: false }],
    ] as const)("says what it means, and what to do: %s", async (mode, expected) => {
      await fixture.set(mode);
      const error = await failure();
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject(expected);
      // Who may send is only said of a mail.
      if (mode !== "refuse") await expect(fixture.mail.verify(signal)).rejects.toBeInstanceOf(AppError);
      await fixture.set("take");
      await fixture.mail.verify(signal);
      await fixture.mail.send(first, ["a@example.org"], signal);
      expect(fixture.delivered()).toHaveLength(1);
    });
  });
}
