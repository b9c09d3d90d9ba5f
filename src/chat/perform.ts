import type { Logger } from "pino";
import type { Core } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Delivery, Posted, Wanted } from "./delivery.ts";
import type { ChatMessage, ChatPort } from "./port.ts";
import type { Records } from "./records.ts";

interface PerformerOptions {
  chat: ChatPort;
  core: Core;
  logger: Pick<Logger, "warn">;
  records: Records;
  signal: AbortSignal;
}

/**
 * Carries out one delivery. That a message is about to be posted stands before the post, so that whoever comes
 * after a crash searches for it before posting again: one card, not two.
 */
export function createPerformer({ chat, core, logger, records, signal }: PerformerOptions) {
  const marked = (id: string) => `${core.plan.application}/${id}`;

  async function stands(wanted: Wanted[], marker: string, ref: string): Promise<void> {
    for (const { message, digest } of wanted) await records.set(message.id, { state: "posted", marker, ref, digest });
  }

  async function post(wanted: Wanted[], message: ChatMessage, thread: string | undefined): Promise<void> {
    for (const one of wanted) await records.set(one.message.id, { state: "posting", marker: message.id });
    const options = { marker: marked(message.id), ...(thread !== undefined && { thread }), signal };
    const ref = await chat.post(message, options).catch(async (error) => {
      // Refused, so that it does not stand: it is tried again from the start.
      if (error instanceof AppError && isNo(error)) for (const one of wanted) await records.forget(one.message.id);
      if (error instanceof AppError && error.code === "bad-input") return await plainly(wanted, message, options);
      throw error;
    });
    if (ref !== undefined) await stands(wanted, message.id, ref);
  }

  /** A form that the chat refuses must not keep everything behind it from being posted. */
  async function plainly(
    wanted: Wanted[],
    message: ChatMessage,
    options: Parameters<ChatPort["post"]>[1],
  ): Promise<string | undefined> {
    const { title, status, fallback } = message.card;
    const plain: ChatMessage = { ...message, card: { title, status, fallback, text: [fallback] } };
    try {
      return await chat.post(plain, options);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "bad-input") throw error;
      for (const one of wanted) await records.set(one.message.id, { state: "refused", marker: message.id });
      return undefined;
    }
  }

  async function resume(delivery: Extract<Delivery, { do: "resume" }>): Promise<void> {
    const { wanted, marker, thread } = delivery;
    const where = { ...(thread !== undefined && { thread }), signal };
    const ref = await chat.find(marked(marker), where);
    // Of what was merged nobody knows the parts any more: each goes on for itself.
    if (ref === undefined) return await records.forget(wanted.message.id);
    const found: Posted = { state: "posted", marker, ref };
    await records.set(wanted.message.id, wanted.message.form === "line" ? { ...found, digest: wanted.digest } : found);
  }

  async function pin({ wanted, ref, pinned }: Extract<Delivery, { do: "pin" }>): Promise<void> {
    await chat.pin?.(ref, pinned, signal).catch((error) => {
      // The message stands where it is: that it is not on top must not keep anything behind it from being posted.
      if (!(error instanceof AppError) || error.retryable || !(isNo(error) || error.code === "not-found")) throw error;
      logger.warn({ chat: chat.id, err: error }, "a message could not be pinned");
    });
    const known = records.get(wanted.message.id);
    if (known) await records.set(wanted.message.id, { ...known, pinned });
  }

  /** `notice`: said once on the next card, about calls that the chat made wait. */
  return async (delivery: Delivery, notice: string | undefined): Promise<void> => {
    const noted = (message: ChatMessage): ChatMessage =>
      notice === undefined
        ? message
        : { ...message, card: { ...message.card, context: [...(message.card.context ?? []), notice] } };
    switch (delivery.do) {
      case "resume":
        return await resume(delivery);
      case "post":
        return await post([delivery.wanted], noted(delivery.wanted.message), delivery.thread);
      case "merge":
        return await post(delivery.lines, delivery.message, delivery.thread);
      case "attach": {
        const { message, digest } = delivery.wanted;
        const { incidentId, version } = message.attach ?? { incidentId: "", version: undefined };
        const files = await core.reports.read(incidentId, version);
        await chat.upload(delivery.ref, files, signal).catch((error) => {
          // The channel is reached, and goes on: the documents are in `report`, and asking again would not help.
          if (!(error instanceof AppError) || error.retryable || !isNo(error)) throw error;
          logger.warn({ chat: chat.id, err: error }, "documents could not be attached");
        });
        const posted: Posted = { state: "posted", marker: message.id, ref: delivery.ref, digest, attached: true };
        return await records.set(message.id, posted);
      }
      case "update": {
        const { message, digest } = delivery.wanted;
        try {
          await chat.update(delivery.ref, noted(message), signal);
        } catch (error) {
          // Somebody deleted it: people shall see it again.
          if (error instanceof AppError && error.code === "not-found") return await records.forget(message.id);
          throw error;
        }
        const known = records.get(message.id);
        const kept = known?.pinned === undefined ? {} : { pinned: known.pinned };
        const now: Posted = { state: "posted", marker: message.id, ref: delivery.ref, digest, ...kept };
        return await records.set(message.id, now);
      }
      case "pin":
        return await pin(delivery);
    }
  };
}

/** The chat answered that it did not take the message. */
function isNo({ code }: AppError): boolean {
  return code === "vendor-throttled" || code === "vendor-rejected" || code === "bad-input";
}
