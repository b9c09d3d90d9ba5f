import type { Logger } from "pino";
import { errorCard } from "../cards/plain.ts";
import type { Answer, Dispatcher } from "../commands/dispatch.ts";
import { shownAlone } from "../commands/shown-alone.ts";
import type { Caller, ReportFiles } from "../core.ts";
import { AppError, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { createDeliveries, type Outcome } from "./deliveries.ts";
import { createPins } from "./pins.ts";
import type { ChatAccount, Inbound, Reply } from "./port.ts";
import { createWorkQueue } from "./work-queue.ts";

export interface InboxOptions {
  /** Id of the chat, as its port has it. */
  chat: string;
  journal: Journal;
  store: JournalStore;
  dispatcher: Dispatcher;
  /** Who an account of this chat is; somebody without roles when nobody has linked it. */
  callerOf(account: ChatAccount): Promise<Caller>;
  clock: Clock;
  logger: Pick<Logger, "error">;
}

/**
 * What people do in a chat, made into commands and pins. The adapter acknowledges before it calls this, and shows
 * the reply. A redelivery changes nothing; a first delivery that failed by accident is tried again.
 */
export function createInbox(options: InboxOptions): { handle(inbound: Inbound): Promise<Reply | undefined> } {
  const { chat, dispatcher, callerOf, store, clock, journal } = options;
  const deliveries = createDeliveries({ store, chat, clock });
  const pins = createPins({ chat, journal });
  const inTurn = createWorkQueue();
  // Nobody's approval waits behind a question that a model thinks about.
  const patiently = createWorkQueue();

  async function answer(call: (caller: Caller) => Promise<Answer>, from: ChatAccount): Promise<Outcome> {
    const given = await call(await callerOf(from));
    return { reply: replyOf(given), settled: true, harmless: given.command.readOnly };
  }

  function isSlow(inbound: Inbound): boolean {
    if (inbound.kind === "command") return dispatcher.takesLong(inbound.text);
    return inbound.kind === "press" && dispatcher.takesLong(inbound.command);
  }

  async function act(inbound: Inbound): Promise<Outcome> {
    switch (inbound.kind) {
      case "command":
        return await answer((caller) => dispatcher.text(inbound.text.trim() || "help", caller), inbound.from);
      case "press":
        return await answer((caller) => dispatcher.call(inbound.command, inbound.input, caller), inbound.from);
      case "pin":
        return await pins.change(inbound, await callerOf(inbound.from));
      case "edit":
        return await pins.edit(inbound, await callerOf(inbound.from));
      case "delete":
        return await pins.remove(inbound, await callerOf(inbound.from));
    }
  }

  return {
    async handle(inbound) {
      return await deliveries.once(inbound.deliveryId, async () => {
        try {
          return await (isSlow(inbound) ? patiently : inTurn)(() => act(inbound));
        } catch (error) {
          if (!(error instanceof AppError))
            options.logger.error({ err: error, chat }, "a message could not be handled");
          const report = reportError(error);
          // What may go better in a moment shall not count as done when the chat sends it again.
          const settled = !report.retryable && report.code !== "internal";
          return { reply: { visibility: "private", card: errorCard(report) }, settled };
        }
      });
    },
  };
}

function replyOf(answer: Answer): Reply {
  const { documents } = answer.data as Partial<Pick<ReportFiles, "documents">>;
  return {
    visibility: shownAlone(answer) || !isInChannel(answer) ? "private" : "none",
    card: answer.card,
    ...(documents && { files: documents }),
  };
}

/** Answers about runs and approvals have a card in the channel already; a note or a token has none. */
function isInChannel({ data }: Answer): boolean {
  return typeof data === "object" && data !== null && ("run" in data || "approval" in data);
}
