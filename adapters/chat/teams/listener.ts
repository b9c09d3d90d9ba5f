import type { ChatAccount, ChatHandlers, Reply } from "../../../src/chat/port.ts";
import type { Stored } from "./actions.ts";
import { commandText, conversationBase, type InActivity, isForBot, isPersonal } from "./activity.ts";
import { adaptiveCard } from "./cards.ts";
import { type AdaptiveCard, CARD_TYPE } from "./elements.ts";
import { filledIn, moveForm, Submitted } from "./forms.ts";
import { isMessageAction, onTimeline } from "./pinning.ts";
import type { Teller } from "./reply.ts";

export interface ListenerOptions {
  handlers: ChatHandlers;
  teller: Teller;
  log(error: unknown, what: string): void;
  /** How long an invoke may take before its answer is sent to the personal chat instead. */
  answerWithinMs?: number;
}

/** What Teams is answered with: nothing for a message, a card or a text for an invoke. */
export interface Answer {
  status: number;
  body?: unknown;
}

/** Teams gives an invoke up after ten seconds or so; people wonder much sooner. */
const ANSWER_WITHIN_MS = 4_000;

/** Kinds of activity that command something. */
const COMMANDING = new Set(["message", "invoke", "messageUpdate", "messageDelete"]);

/** One activity, verified. Messages are acknowledged at once; an invoke's answer is what the person sees. */
export function createListener(options: ListenerOptions): (activity: InActivity) => Promise<Answer> {
  const { handlers, teller, log, answerWithinMs = ANSWER_WITHIN_MS } = options;
  const after = (what: string, work: () => Promise<unknown>): Answer => {
    void work().catch((error) => log(error, what));
    return { status: 200 };
  };

  async function message(activity: InActivity, from: ChatAccount): Promise<void> {
    // A client that does not know Execute sends a button as a message.
    const submitted = Submitted.safeParse(activity.value).data;
    if (submitted && "command" in submitted.muster) {
      const { muster: stored } = submitted;
      return await answered(activity, from, () => press(activity, from, stored, submitted));
    }
    if (!isForBot(activity)) return;
    const text = commandText(activity);
    const [verb = "", ...rest] = text.split(/\s+/);
    if (verb === "" || verb === "menu")
      return await teller.tell(activity, from, { visibility: "private", card: await handlers.menu(from) });
    if (verb === "home") {
      for (const card of await handlers.home(from)) await teller.tell(activity, from, { visibility: "private", card });
      return;
    }
    if ((verb === "failover" || verb === "failback") && rest.length === 0)
      return await teller.show(activity, from, await moveForm(verb, handlers), "Fail over");
    const deliveryId = `message/${activity.id}`;
    await answered(activity, from, () => handlers.handle({ kind: "command", deliveryId, from, text }));
  }

  async function answered(activity: InActivity, from: ChatAccount, work: () => Promise<Reply | undefined>) {
    await teller.tell(activity, from, await teller.typing(activity, from, work));
  }

  function press(
    activity: InActivity,
    from: ChatAccount,
    stored: Stored,
    fields: Submitted,
  ): Promise<Reply | undefined> {
    const { command } = stored;
    const deliveryId = `press/${activity.id}`;
    return handlers.handle({ kind: "press", deliveryId, from, command, input: filledIn(stored, fields) });
  }

  async function execute(activity: InActivity, from: ChatAccount): Promise<Answer> {
    const { action } = (activity.value ?? {}) as { action?: { data?: unknown } };
    const submitted = Submitted.safeParse(action?.data).data;
    if (!submitted) return errorAnswer("This button is not one of Muster's.");
    const { muster } = submitted;
    if ("refresh" in muster) return await shown(muster.refresh, from);
    const { command, input, form, message: messageId } = muster;
    if ((command === "failover" || command === "failback") && Object.keys(input).length === 0 && !form)
      return cardAnswer(await moveForm(command, handlers));
    const reply = await press(activity, from, muster, submitted);
    const card = reply?.visibility === "private" ? reply.card : undefined;
    // On a card of the channel the answer stands on this person's own view of it.
    if (messageId !== undefined) return await shown(messageId, from, reply);
    if (!isPersonal(activity) || form)
      return card ? cardAnswer(adaptiveCard(card)) : textAnswer("Done: see the channel.");
    if (reply) await teller.tell(activity, from, reply);
    return textAnswer(card?.fallback ?? "Done: see the channel.");
  }

  /** A message of the channel as this person sees it: their buttons, and what they alone are told. */
  async function shown(messageId: string, from: ChatAccount, reply?: Reply): Promise<Answer> {
    const message = await handlers.present(messageId, from);
    const notice = reply?.visibility === "private" ? reply.card : undefined;
    if (reply?.files?.length) await teller.files(from, reply.files);
    if (!message) return notice ? cardAnswer(adaptiveCard(notice)) : textAnswer("This message is over.");
    return cardAnswer(adaptiveCard(message.card, { form: message.form, messageId, ...(notice && { notice }) }));
  }

  /** What takes longer is told in the personal chat, so that Teams does not say that something went wrong. */
  async function inTime(activity: InActivity, from: ChatAccount): Promise<Answer> {
    const executed = execute(activity, from);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), answerWithinMs);
    });
    const first = await Promise.race([executed, late]).finally(() => clearTimeout(timer));
    if (first !== "late") return first;
    after("button", async () => teller.late(from, await teller.typing(activity, from, () => executed)));
    return textAnswer("It takes a moment; Muster will write to you.");
  }

  return async (activity) => {
    const from = accountOf(activity);
    // Nobody could tell whether it had been carried out before.
    if (activity.id === undefined && COMMANDING.has(activity.type)) return { status: 400 };
    switch (activity.type) {
      case "message":
        return from ? after("message", () => message(activity, from)) : { status: 200 };
      case "messageUpdate":
      case "messageDelete":
        return after("change", () => changed(activity, from, handlers));
      case "installationUpdate":
        if (!from || !isPersonal(activity) || activity.action?.startsWith("remove")) return { status: 200 };
        return after("welcome", async () =>
          teller.tell(activity, from, { visibility: "private", card: await handlers.menu(from) }),
        );
      case "invoke":
        if (!from) return errorAnswer("Muster knows accounts of the tenant only.");
        if (activity.name === "adaptiveCard/action") return await inTime(activity, from);
        if (isMessageAction(activity)) return await onTimeline(activity, from, handlers);
        return { status: 501 };
      default:
        return { status: 200 };
    }
  };
}

/** `<tenant>/<object id>`: the one name that stays, in every team and chat. Undefined for who has none, such as bots. */
export function accountOf({ from, conversation, channelData }: InActivity): ChatAccount | undefined {
  const tenant = conversation.tenantId ?? channelData?.tenant?.id;
  if (from.aadObjectId === undefined || tenant === undefined) return undefined;
  return { account: `${tenant}/${from.aadObjectId}`, name: from.name ?? from.aadObjectId };
}

async function changed(activity: InActivity, from: ChatAccount | undefined, handlers: ChatHandlers): Promise<void> {
  const { id, text = "", type, channelData } = activity;
  const messageId = `${conversationBase(activity)}/${id}`;
  const account = from ?? { account: "unknown", name: "somebody" };
  const deliveryId = `${type}/${messageId}/${activity.timestamp}`;
  if (channelData?.eventType === "softDeleteMessage" || type === "messageDelete")
    await handlers.handle({ kind: "delete", deliveryId, from: account, messageId });
  else if (channelData?.eventType === "editMessage")
    await handlers.handle({ kind: "edit", deliveryId, from: account, messageId, text });
}

/** https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format */
export function cardAnswer(card: AdaptiveCard): Answer {
  return { status: 200, body: { statusCode: 200, type: CARD_TYPE, value: card } };
}

export function textAnswer(text: string): Answer {
  return { status: 200, body: { statusCode: 200, type: "application/vnd.microsoft.activity.message", value: text } };
}

function errorAnswer(message: string): Answer {
  const value = { code: "BadRequest", message };
  return { status: 200, body: { statusCode: 400, type: "application/vnd.microsoft.error", value } };
}
