import type { ChatAccount, ChatFile, Reply } from "../../../src/chat/port.ts";
import { AppError } from "../../../src/errors.ts";
import { underWay } from "../under-way.ts";
import { type InActivity, isPersonal } from "./activity.ts";
import { adaptiveCard } from "./cards.ts";
import type { Connector } from "./connector.ts";
import { type AdaptiveCard, activityOf, CARD_TYPE } from "./elements.ts";
import type { Answer } from "./listener.ts";
import type { Personal } from "./personal.ts";

const TELL_WITHIN_MS = 15_000;
/** An answer that is there by then needs no sign. */
const TYPING_AFTER_MS = 500;
/** Teams shows for some three seconds that somebody types. */
const TYPING_AGAIN_MS = 2_500;

/**
 * Teams has no message in a channel that one person alone sees. An answer therefore goes to the person's own chat
 * with the bot; the channel hears of it only when that chat does not exist.
 */
export function createTeller(connector: Connector, personal: Personal, log: (error: unknown, what: string) => void) {
  async function show(activity: InActivity, from: ChatAccount, card: AdaptiveCard, summary: string): Promise<void> {
    const signal = AbortSignal.timeout(TELL_WITHIN_MS);
    const { serviceUrl, conversation } = activity;
    if (isPersonal(activity)) {
      await connector.send(serviceUrl, conversation.id, activityOf(card, summary), signal);
      return;
    }
    try {
      await personal.send(from.account, activityOf(card, summary), signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "vendor-rejected") throw error;
      await connector.send(serviceUrl, conversation.id, { type: "message", text: NOT_INSTALLED }, signal);
    }
  }

  /** In the chat in which the answer will stand. */
  async function type(activity: InActivity, from: ChatAccount, over: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([over, AbortSignal.timeout(TELL_WITHIN_MS)]);
    const { serviceUrl, conversation } = activity;
    if (isPersonal(activity)) await connector.send(serviceUrl, conversation.id, { type: "typing" }, signal);
    else await personal.send(from.account, { type: "typing" }, signal);
  }

  return {
    show,
    /** While this is worked on, the person sees that Muster types. */
    typing: <T>(activity: InActivity, from: ChatAccount, work: () => Promise<T>): Promise<T> =>
      underWay(
        {
          afterMs: TYPING_AFTER_MS,
          againMs: TYPING_AGAIN_MS,
          show: (signal) => type(activity, from, signal),
          failed: (error) => log(error, "sign of work"),
        },
        work,
      ),
    async tell(activity: InActivity, from: ChatAccount, reply: Reply | undefined): Promise<void> {
      if (!reply || (reply.visibility === "none" && !isPersonal(activity))) return;
      await show(activity, from, adaptiveCard(reply.card), reply.card.fallback);
      if (reply.files?.length) await this.files(from, reply.files);
    },
    files: (from: ChatAccount, files: ChatFile[]) =>
      personal.files(from.account, files, AbortSignal.timeout(TELL_WITHIN_MS)),
    /** What an invoke would have been answered with, had it been in time. */
    async late(from: ChatAccount, { body }: Answer): Promise<void> {
      const { type, value } = (body ?? {}) as { type?: string; value?: unknown };
      const signal = AbortSignal.timeout(TELL_WITHIN_MS);
      if (type === CARD_TYPE)
        return await personal.send(from.account, activityOf(value as AdaptiveCard, "Muster"), signal);
      if (typeof value === "string") await personal.send(from.account, { type: "message", text: value }, signal);
    },
  };
}

export type Teller = ReturnType<typeof createTeller>;

const NOT_INSTALLED =
  "Muster answers in the personal chat, which is not there yet: choose Apps, Muster, Add, and ask again.";
