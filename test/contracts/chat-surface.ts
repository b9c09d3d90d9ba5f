import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TestMuster } from "../helpers/muster.ts";

/** What a person sees and does in one chat, whichever it is. Accounts are named as the principals they belong to. */
export interface ChatSurface {
  muster: TestMuster;
  /** From now on the step named "halting" fails once. */
  halt(): void;
  /** Types a command. Answers with what this person alone was shown, "" for nothing. */
  say(principal: string, text: string): Promise<string>;
  /** Presses a button of a message of the channel; types what it asks for and confirms. Answers as `say` does. */
  press(principal: string, messageText: string, button: string, asked?: string): Promise<string>;
  /** Everything that can be read in the channel, one text for each message. */
  channel(): Promise<string[]>;
  /** The same delivery once more, where the platform delivers again. */
  redeliver?(): Promise<void>;
  /** Something that did not come from the platform; answers with the HTTP status or the like. */
  forge?(): Promise<number>;
  dispose(): Promise<void>;
}

/** The surface's `muster` uses the plan and the world of test/helpers/chat-surface.ts. */
export function chatSurfaceContract(
  name: string,
  create: () => Promise<ChatSurface>,
  /** `outside`: a platform of somebody else's delivers, perhaps again. `door`: it calls an address of ours. */
  { outside, door }: { outside: boolean; door?: boolean },
): void {
  describe(`people in ${name}`, () => {
    let surface: ChatSurface;
    beforeEach(async () => {
      surface = await create();
    });
    afterEach(() => surface.dispose());

    const shown = async (part: string | RegExp) => {
      let texts: string[] = [];
      await expect
        .poll(
          async () => {
            texts = await surface.channel();
            return texts.some((text) => (typeof part === "string" ? text.includes(part) : part.test(text)));
          },
          { timeout: 15_000, message: `"${part}" in the channel` },
        )
        .toBe(true);
      return texts;
    };

    it("are answered to alone when they ask, and told what they may have meant", async () => {
      expect(await surface.say("observer", "status")).toContain("served from east");
      expect(await surface.say("observer", "stauts")).toContain("status");
      expect(await surface.say("observer", "")).toContain("failover");
      expect((await surface.channel()).join()).not.toContain("served from east");
    });

    it("are refused what they may not do, without a word in the channel", async () => {
      expect(await surface.say("observer", "failover west --reason test")).toContain("operator");
      expect(await surface.say("operator", "failover nowhere")).toContain("west");
      expect((await surface.muster.core.state()).runs).toEqual({});
    });

    it("ask for a failover, decide with buttons, and see one card become done", async () => {
      await surface.say("operator", "failover west —reason test");
      await shown("Approve? Failover east → west");
      expect(await surface.press("operator", "Approve? Failover", "Approve")).toContain("approver");
      await surface.press("approver-1", "Approve? Failover", "Approve");
      await shown(/Approve\? Failover east → west \(1 of 2\)/);
      expect(await surface.press("approver-1", "Approve? Failover", "Approve")).toContain("already");
      await surface.press("approver-2", "Approve? Failover", "Approve");
      const texts = await shown("Failover east → west completed");
      expect(
        texts.filter((text) => text.includes("Failover east → west completed") && text.includes("run-1")),
      ).not.toEqual([]);
      await shown("approval granted (2 of 2)");
      expect((await surface.channel()).some((text) => text.includes("Approve? Failover"))).toBe(false);
      expect((await surface.muster.core.state()).active).toBe("west");
    });

    it("say why when they deny", async () => {
      await surface.say("operator", "failover west --reason test");
      await shown("Approve? Failover east → west");
      await surface.press("approver-1", "Approve? Failover", "Deny", "the region is coming back");
      await shown("the region is coming back");
      await surface.muster.until(({ runs }) => runs["run-1"]?.phase === "cancelled");
    });

    it("are asked what to do when a step fails, in the channel", async () => {
      surface.halt();
      await surface.say("operator", "failover west --reason halt");
      await shown("Approve? Failover east → west");
      await surface.press("approver-1", "Approve? Failover", "Approve");
      await surface.press("approver-2", "Approve? Failover", "Approve");
      await shown("run-1 waits for you");
      await surface.press("operator", "run-1 waits for you", "Retry: halting");
      await shown("Failover east → west completed");
    });

    it("take a role with a button, hand over to somebody who accepts, and say how it goes", async () => {
      await surface.say("operator", "failover west --reason test");
      await shown("nobody has taken a role");
      await surface.press("operator", "nobody has taken a role", "Take: incident commander");
      await shown("incident commander: operator");
      expect(await surface.say("approver-1", "role take ic")).toContain("operator is incident commander");
      await surface.say("operator", "handover approver-1 I must sleep");
      await shown("Handover: operator asks approver-1 to lead inc-1");
      await surface.press("approver-1", "Handover: operator asks approver-1", "Accept: I lead");
      await shown("incident commander: approver-1");
      await surface.say("approver-1", "checkin The provider has answered.");
      await shown("“The provider has answered.”");
      expect(await surface.say("observer", "summary")).toContain("incident commander: approver-1");
    });

    if (!outside) return;
    it("do nothing twice when the platform delivers again", async () => {
      await surface.say("operator", "note only once");
      await surface.redeliver?.();
      expect((await surface.muster.core.state()).counts.notes).toBe(1);
    });

    if (!door) return;
    it("are not impersonated by what did not come from the platform", async () => {
      expect(await surface.forge?.()).toBe(401);
      expect((await surface.muster.core.state()).counts.notes).toBe(0);
    });
  });
}
