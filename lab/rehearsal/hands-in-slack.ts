import type { AppState } from "../../src/state.ts";
import { readBlocks } from "../slack/blocks.ts";
import { createPeople } from "../slack/people.ts";
import type { SlackServer } from "../slack/server.ts";
import { BOT_USER, CHANNEL, openViewOf, type SlackMessage } from "../slack/state.ts";
import type { Hands } from "./hands.ts";
import type { MusterClient } from "./muster.ts";
import type { PromiseCheck } from "./promises.ts";

const WITHIN_MS = 15_000;
/** The channel takes a message in 1.2 s, and the end of a story is told in many. */
const TOLD_WITHIN_MS = 60_000;

/** By the buttons and forms of Slack, with nothing but what the cards show. */
export function handsInSlack(slack: SlackServer, muster: MusterClient): Hands {
  const { state } = slack;
  const people = createPeople(slack);
  const cards = (id: string) =>
    state.messages.filter(({ metadata, channel }) => channel === CHANNEL && markerOf(metadata).endsWith(`/${id}`));
  const approveButton = (card: SlackMessage | undefined) =>
    readBlocks(card?.blocks).buttons.find(({ label }) => label.startsWith("Approve"))?.label;

  return {
    async approve(who, { approvalId }) {
      const isClosed = async () => (await muster.state()).approvals[approvalId]?.phase !== "pending";
      await eventually(`a card for ${approvalId} with a button`, async () => {
        return approveButton(cards(approvalId)[0]) !== undefined || (await isClosed());
      });
      const [card] = cards(approvalId);
      const label = approveButton(card);
      if (!card || label === undefined) return false;
      await people.press(who, card, label);
      const decided = await muster.until(
        `the decision of ${who}`,
        ({ approvals }) => {
          const { phase, decisions = [] } = approvals[approvalId] ?? {};
          return phase !== "pending" || decisions.some(({ principal }) => principal === who);
        },
        WITHIN_MS,
      );
      return decided.approvals[approvalId]?.decisions.some(({ principal }) => principal === who) ?? false;
    },

    async failBack(who, reason) {
      await people.command(who, "failback");
      await eventually("the form of the failback", () => isOpen(who));
      await people.submit(who, { reason });
      const isProposed = ({ runs }: AppState) => Object.values(runs).some((run) => run.reason === reason);
      await muster.until("the failback to be proposed", isProposed, WITHIN_MS);
    },

    async promises() {
      const { runs, approvals, incidents } = await muster.state();
      const completed = Object.values(runs).filter(({ phase }) => phase === "completed");
      const ended = () => completed.every(({ runId }) => read(cards(runId)[0]).includes("completed"));
      const documents = () => Object.keys(incidents).every((id) => (cards(id)[0]?.files.length ?? 0) > 0);
      const told = await eventually("", () => ended() && documents(), TOLD_WITHIN_MS).then(
        () => true,
        () => false,
      );
      const ids = [...Object.keys(runs), ...Object.keys(approvals), ...Object.keys(incidents)];
      const twice = ids.filter((id) => cards(id).length > 1);
      const own = state.messages.filter(({ user, channel }) => user === BOT_USER && channel === CHANNEL);
      const seen = `${own.length} messages, ${twice.length} twice, ${told ? "the end and the documents told" : "the end not told"}`;
      const check: PromiseCheck = {
        promise: "Slack has every card once, as it ended",
        kept: told && twice.length === 0,
        seen,
      };
      return [check];
    },
  };

  function isOpen(who: string): boolean {
    try {
      return openViewOf(state, who) !== undefined;
    } catch {
      return false;
    }
  }
}

function markerOf(metadata: unknown): string {
  return (metadata as { event_payload?: { marker?: string } } | undefined)?.event_payload?.marker ?? "";
}

function read(card: SlackMessage | undefined): string {
  return readBlocks(card?.blocks).text;
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
