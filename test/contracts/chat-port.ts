import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Card } from "../../src/cards/card.ts";
import type { ChatMessage, ChatPort } from "../../src/chat/port.ts";
import { type AppError, reportError } from "../../src/errors.ts";

/** A message as the platform keeps it. */
export interface SeenMessage {
  ref: string;
  /** Everything that people can read on it, buttons included. */
  text: string;
  /** Labels of the buttons that stand on it. */
  buttons: string[];
  /** `ref` of the message in whose thread it stands. */
  thread?: string;
  files: { name: string; text: string }[];
  /** Where pressing it leads. */
  links?: string[];
  /** People of the channel find it on top. */
  pinned?: boolean;
}

/** The real adapter over the wire, and the platform's stateful fake behind it. */
export interface ChatWorld {
  chat: ChatPort;
  /** Of the channel, oldest first. */
  messages(): Promise<SeenMessage[]>;
  /** What an account alone was shown. */
  told(account: string): Promise<string[]>;
  /** An account of the fake. */
  account: string;
  /** Somebody deletes a message. */
  remove(ref: string): Promise<void>;
  /** The platform refuses connections, asks to wait, or has put the bot out of the channel; undefined: all is well. */
  fail(how: "away" | "throttled" | "rejected" | undefined): Promise<void>;
  /** The next post arrives, and the connection breaks before its answer. */
  loseNextAnswer(): Promise<void>;
  dispose(): Promise<void>;
}

const signal = () => AbortSignal.timeout(10_000);

export function messageOf(id: string, change: Partial<Card> = {}): ChatMessage {
  const card: Card = { title: `Title of ${id}`, status: "info", fallback: `Fallback of ${id}`, ...change };
  return { id, at: "2026-05-04T02:13:40.000Z", form: "card", card };
}

const full: Partial<Card> = {
  status: "waiting",
  facts: [
    { label: "Region", value: "us-east-1" },
    { label: "Reason", value: "it is <down> & out *really*" },
  ],
  progress: { done: 3, total: 7, label: "3 of 7 steps" },
  text: ["A paragraph.", "Another one."],
  table: { columns: ["Step", "State"], rows: [["Scale the API", "✓ done"]] },
  buttons: [
    {
      label: "Approve",
      style: "danger",
      command: "approve",
      input: { id: "ap-1" },
      confirm: "Sure? eu-central takes over.",
    },
    {
      label: "Deny",
      style: "default",
      command: "deny",
      input: { id: "ap-1" },
      ask: { field: "reason", label: "Why not?" },
    },
  ],
  context: ["run-1", "as of 02:13:40 UTC"],
};

/** What every chat adapter must do, over its platform's own wire. */
export function chatPortContract(name: string, create: () => Promise<ChatWorld>): void {
  describe(`the ${name} adapter`, () => {
    let world: ChatWorld;
    const post = (message: ChatMessage, thread?: string) =>
      world.chat.post(message, {
        marker: `app/${message.id}`,
        ...(thread !== undefined && { thread }),
        signal: signal(),
      });
    const only = async () => {
      const [first, ...others] = await world.messages();
      expect(others).toEqual([]);
      return first as SeenMessage;
    };
    const refusal = async (call: Promise<unknown>) =>
      reportError(
        await call.then(
          () => undefined,
          (e: AppError) => e,
        ),
      );

    beforeEach(async () => {
      world = await create();
    });
    afterEach(() => world.dispose());

    it("posts everything that is on a card", async () => {
      await post(messageOf("run-1", full));
      const { text, buttons } = await only();
      const parts = [
        "Title of run-1",
        "us-east-1",
        "A paragraph.",
        "Another one.",
        "Scale the API",
        "✓",
        "done",
        "3 of 7",
        "run-1",
      ];
      for (const part of parts) expect(text).toContain(part);
      expect(buttons).toEqual(["Approve", "Deny"]);
    });

    it("shows text that people wrote as they wrote it, and lets it mark up or mention nothing", async () => {
      await post(messageOf("n", { text: ["<!channel> <@U1> *bold* [link](https://evil.example) &amp; <at>all</at>"] }));
      const { text } = await only();
      expect(text).toContain("*bold* [link](https://evil.example) &amp;");
      expect(text).toContain("<!channel>");
    });

    it("leads people where the card says, and nowhere else", async () => {
      const links = [{ label: "War room", url: "https://meet.example.com/shop-inc-1?a=1&b=2" }];
      await post(messageOf("inc-1", { links, text: ["https://evil.example/"] }));
      const found = await only();
      expect(found.text).toContain("War room: https://meet.example.com/shop-inc-1?a=1&b=2");
      expect(found.links).toEqual(["https://meet.example.com/shop-inc-1?a=1&b=2"]);
    });

    it("keeps a message on top where the platform has such a place, also when it is so already", async () => {
      const ref = await post(messageOf("inc-1"));
      if (!world.chat.pin) return expect((await only()).pinned).toBeUndefined();
      await world.chat.pin(ref, true, signal());
      await world.chat.pin(ref, true, signal());
      expect((await only()).pinned).toBe(true);
      await world.chat.update(ref, messageOf("inc-1", { title: "Changed" }), signal());
      expect((await only()).pinned).toBe(true);
      await world.chat.pin(ref, false, signal());
      await world.chat.pin(ref, false, signal());
      expect((await only()).pinned).toBe(false);
      await world.remove(ref);
      expect(await refusal(world.chat.pin(ref, true, signal()))).toMatchObject({ code: "not-found" });
    });

    it("edits a message in place, with its buttons gone when they are", async () => {
      const ref = await post(messageOf("ap-1", full));
      await world.chat.update(ref, messageOf("ap-1", { title: "Approved by two" }), signal());
      const { text, buttons } = await only();
      expect(text).toContain("Approved by two");
      expect(text).not.toContain("Title of ap-1");
      expect(buttons).toEqual([]);
    });

    it("posts a reply into the thread of its head", async () => {
      const head = await post(messageOf("run-1"));
      await post({ ...messageOf("e7"), form: "line" }, head);
      const [, reply] = await world.messages();
      expect(reply?.thread).toBe(head);
    });

    it("finds what it has posted by the marker, also in a thread, and nothing else", async () => {
      const head = await post(messageOf("run-1"));
      const reply = await post(messageOf("e7"), head);
      expect(await world.chat.find("app/run-1", { signal: signal() })).toBe(head);
      expect(await world.chat.find("app/e7", { thread: head, signal: signal() })).toBe(reply);
      expect(await world.chat.find("app/run-2", { signal: signal() })).toBeUndefined();
    });

    it("can still edit what it finds after the answer to a post was lost", async () => {
      await world.loseNextAnswer();
      expect(await refusal(post(messageOf("run-1")))).toMatchObject({ code: "vendor-unavailable", retryable: true });
      const ref = await world.chat.find("app/run-1", { signal: signal() });
      await world.chat.update(ref ?? "", messageOf("run-1", { title: "Found again" }), signal());
      expect((await only()).text).toContain("Found again");
    });

    it("attaches files whole", async () => {
      const ref = await post(messageOf("e9"));
      const text = `# Post-mortem\n\n${"long ".repeat(2_000)}`;
      await world.chat.upload(ref, [{ name: "postmortem.md", text }], signal());
      const files = (await world.messages()).flatMap((message) => message.files);
      expect(files).toEqual([{ name: "postmortem.md", text }]);
    });

    it("cuts what is too long and says so, and the platform takes it", async () => {
      const rows = Array.from({ length: 400 }, (_, index) => [`Step ${index} ${"x".repeat(200)}`, "✓ done"]);
      const facts = Array.from({ length: 80 }, (_, index) => ({ label: `Fact ${index}`, value: "y".repeat(4_000) }));
      await post(
        messageOf("run-1", { ...full, title: "t".repeat(5_000), facts, table: { columns: ["Step", "State"], rows } }),
      );
      const { text, buttons } = await only();
      expect(text).toContain("…");
      expect(buttons).toEqual(["Approve", "Deny"]);
    });

    it("tells one person what others do not see", async () => {
      await world.chat.tell(world.account, messageOf("x", { title: "Only for you" }).card, signal());
      expect((await world.told(world.account)).join()).toContain("Only for you");
      expect(await world.messages()).toEqual([]);
    });

    it("says that a message is gone when somebody has deleted it", async () => {
      const ref = await post(messageOf("run-1"));
      await world.remove(ref);
      expect(await refusal(world.chat.update(ref, messageOf("run-1"), signal()))).toMatchObject({ code: "not-found" });
    });

    it("says how long it must wait, at once and without trying again by itself", async () => {
      await world.fail("throttled");
      const error = await post(messageOf("run-1")).catch((caught: AppError) => caught);
      expect(error).toMatchObject({ code: "vendor-throttled", retryAfterMs: expect.any(Number) });
    });

    it("tells a platform that is away from one that a person must mend", async () => {
      await world.fail("away");
      expect(await refusal(post(messageOf("run-1")))).toMatchObject({ code: "vendor-unavailable", retryable: true });
      await world.fail("rejected");
      const refused = await refusal(post(messageOf("run-1")));
      expect(refused).toMatchObject({ code: "vendor-rejected", retryable: false });
      expect(refused.hint).not.toBe("");
      await world.fail(undefined);
      await post(messageOf("run-1"));
    });

    it("gives up when it is told to", async () => {
      await world.fail("away");
      const stopped = AbortSignal.abort(new Error("stopped"));
      await expect(world.chat.post(messageOf("run-1"), { marker: "m", signal: stopped })).rejects.toThrow();
    });
  });
}
