import type { App } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { ChatAccount, ChatHandlers, Inbound, PinnedMessage } from "../../../src/chat/port.ts";
import type { ButtonValue } from "./cards.ts";
import type { Answer } from "./reply.ts";
import {
  ASK_VIEW,
  askView,
  homeView,
  MOVE_VIEW,
  menuView,
  moveView,
  REGION,
  type Remembered,
  submitted,
} from "./views.ts";

/** What the app listens to; the manifest names the same, and a test compares them. */
export const COMMAND = "/dr";
export const SHORTCUT = "muster-menu";

export interface ListenerOptions {
  app: App;
  client: WebClient;
  handlers: ChatHandlers;
  answer: Answer;
  /** Reactions with these names put a message on the timeline. */
  pinEmoji: readonly string[];
  /** The bot's own user, whose messages are never pinned; undefined until Slack has said. */
  ownUser(): string | undefined;
  log(error: unknown, what: string): void;
}

interface From {
  user: string;
  team?: string | null | undefined;
  enterprise?: string | null | undefined;
  name?: string | undefined;
}

/** One account however the app is installed: user ids are unique in an organisation, and else in a workspace. */
export function accountOf({ user, team, enterprise, name }: From): ChatAccount {
  return { account: `${enterprise ?? team ?? "-"}/${user}`, name: name ?? user };
}

/** Everything is acknowledged before anything is done about it. */
export function listen(options: ListenerOptions): void {
  const { app } = options;
  /** Bolt waits for listeners; what comes after the acknowledgement is nobody's to wait for. */
  const after = (what: string, work: () => Promise<unknown>) => void work().catch((error) => options.log(error, what));
  commands(options, after);
  buttons(options, after);
  forms(options, after);
  messages(options, after);
  app.event("app_home_opened", async ({ event, context }) => {
    after("home", () =>
      publishHome(options, accountOf({ user: event.user, team: context.teamId, enterprise: context.enterpriseId })),
    );
  });
}

type After = (what: string, work: () => Promise<unknown>) => void;

function commands({ app, client, handlers, answer }: ListenerOptions, after: After): void {
  app.command(COMMAND, async ({ command, ack }) => {
    await ack();
    const from = accountOf({
      user: command.user_id,
      team: command.team_id,
      enterprise: command.enterprise_id,
      name: command.user_name,
    });
    const where = { channel: command.channel_id, user: command.user_id, responseUrl: command.response_url };
    after("command", async () => {
      const [verb = "", ...rest] = command.text.trim().split(/\s+/);
      if (verb === "" || verb === "menu")
        return await answer(where, { visibility: "private", card: await handlers.menu(from) });
      // A bare `failover` gets the form; with a region it is the command that it says.
      if ((verb === "failover" || verb === "failback") && rest.length === 0)
        return await openMove({ client, handlers }, verb, command.trigger_id, command.channel_id);
      const reply = await handlers.handle({
        kind: "command",
        deliveryId: `command/${command.trigger_id}`,
        from,
        text: command.text,
      });
      await answer(where, reply);
    });
  });
  app.shortcut({ callback_id: SHORTCUT, type: "shortcut" }, async ({ shortcut, ack }) => {
    await ack();
    const from = accountOf({
      user: shortcut.user.id,
      team: shortcut.team?.id,
      enterprise: shortcut.team?.enterprise_id,
    });
    after("shortcut", async () =>
      client.views.open({ trigger_id: shortcut.trigger_id, view: menuView(await handlers.menu(from)) as never }),
    );
  });
}

interface Pressed {
  user: { id: string; username?: string };
  team: { id: string; enterprise_id?: string } | null;
  trigger_id: string;
  response_url?: string;
  channel?: { id: string };
  view?: { id: string; hash: string; private_metadata: string };
}

function buttons({ app, client, handlers, answer }: ListenerOptions, after: After): void {
  app.action({ type: "block_actions", action_id: /^press\// }, async ({ body, action, ack }) => {
    await ack();
    const pressed = body as unknown as Pressed;
    const { value = "{}", text } = action as { value?: string; text?: { text: string } };
    const { command, input, ask, confirm } = JSON.parse(value) as ButtonValue;
    const from = accountOf({
      user: pressed.user.id,
      team: pressed.team?.id,
      enterprise: pressed.team?.enterprise_id,
      name: pressed.user.username,
    });
    const channel = pressed.channel?.id;
    const where = {
      ...(channel && { channel }),
      user: pressed.user.id,
      ...(pressed.response_url && { responseUrl: pressed.response_url }),
    };
    after("button", async () => {
      // The trigger lives three seconds: the form is opened before anything else is looked at.
      if (ask) {
        const view = askView({ command, input, ask, ...(confirm && { confirm }) }, text?.text ?? "Go on", channel);
        return await client.views.open({ trigger_id: pressed.trigger_id, view: view as never });
      }
      if ((command === "failover" || command === "failback") && Object.keys(input).length === 0)
        return await openMove({ client, handlers }, command, pressed.trigger_id, channel);
      const deliveryId = `press/${pressed.trigger_id}`;
      await answer(where, await handlers.handle({ kind: "press", deliveryId, from, command, input }));
    });
  });
  app.action(REGION.action, async ({ body, ack }) => {
    await ack();
    after("evidence", () => showEvidence({ client, handlers }, body as unknown as Pressed & { view: View }));
  });
}

interface View {
  id: string;
  hash: string;
  private_metadata: string;
  state: { values: Record<string, Record<string, unknown>> };
}

async function openMove(
  { client, handlers }: Pick<ListenerOptions, "client" | "handlers">,
  command: "failover" | "failback",
  trigger: string,
  channel: string | undefined,
): Promise<void> {
  const { regions } = await handlers.choices();
  await client.views.open({ trigger_id: trigger, view: moveView({ command, regions, channel }) as never });
}

/** What a failover to the chosen region would do, in the form itself. */
async function showEvidence(
  { client, handlers }: Pick<ListenerOptions, "client" | "handlers">,
  { user, team, trigger_id, view }: Pressed & { view: View },
): Promise<void> {
  const { region } = submitted(view.state.values);
  if (region === undefined) return;
  const from = accountOf({ user: user.id, team: team?.id, enterprise: team?.enterprise_id, name: user.username });
  const { command, channel } = JSON.parse(view.private_metadata) as Remembered;
  const input = { region, dryRun: true };
  const reply = await handlers.handle({ kind: "press", deliveryId: `evidence/${trigger_id}`, from, command, input });
  const { regions } = await handlers.choices();
  const form = {
    command: command as "failover",
    regions,
    channel,
    chosen: region,
    ...(reply && { evidence: reply.card }),
  };
  await client.views.update({ view_id: view.id, hash: view.hash, view: moveView(form) as never });
}

function forms({ app, handlers, answer }: ListenerOptions, after: After): void {
  for (const callback of [ASK_VIEW, MOVE_VIEW]) {
    app.view(callback, async ({ ack, view, body }) => {
      await ack();
      const { command, input, field, channel } = JSON.parse(view.private_metadata) as Remembered;
      const { reason, region, dryRun } = submitted(view.state.values as never);
      const more = callback === MOVE_VIEW ? { ...(region !== undefined && { region }), dryRun } : {};
      const { user, team } = body;
      const from = accountOf({
        user: user.id,
        team: team?.id ?? user.team_id,
        enterprise: team?.enterprise_id,
        name: user.name,
      });
      const call = { kind: "press", command, input: { ...input, ...more, [field]: reason } } as const;
      const inbound: Inbound = { ...call, deliveryId: `view/${view.id}/${view.hash}`, from };
      after("form", async () => answer({ ...(channel && { channel }), user: user.id }, await handlers.handle(inbound)));
    });
  }
}

interface Reaction {
  user: string;
  reaction: string;
  item: { type: string; channel: string; ts: string };
  item_user?: string;
  event_ts: string;
}

function messages(options: ListenerOptions, after: After): void {
  const { app, handlers, answer, pinEmoji, ownUser } = options;
  const pin =
    (pinned: boolean) =>
    async (args: {
      event: unknown;
      body: unknown;
      context: { teamId?: string | undefined; enterpriseId?: string | undefined };
    }) => {
      const event = args.event as Reaction;
      const ours = event.item_user !== undefined && event.item_user === ownUser();
      if (event.item.type !== "message" || ours || !pinEmoji.includes(event.reaction)) return;
      after("pin", async () => {
        const from = accountOf({ user: event.user, team: args.context.teamId, enterprise: args.context.enterpriseId });
        const message = pinned ? await readMessage(options, event.item) : messageStub(event.item);
        if (!message) return;
        const deliveryId = (args.body as { event_id: string }).event_id;
        const reply = await handlers.handle({ kind: "pin", deliveryId, from, pinned, message });
        await answer({ channel: event.item.channel, user: event.user }, reply);
      });
    };
  app.event("reaction_added", pin(true) as never);
  app.event("reaction_removed", pin(false) as never);
  app.event("message", async ({ event, body, context }) => {
    const change = event as {
      subtype?: string;
      channel: string;
      deleted_ts?: string;
      message?: { ts: string; text?: string; user?: string };
    };
    const deliveryId = (body as unknown as { event_id: string }).event_id;
    const from = accountOf({
      user: change.message?.user ?? "unknown",
      team: context.teamId,
      enterprise: context.enterpriseId,
    });
    if (change.subtype === "message_deleted" && change.deleted_ts !== undefined) {
      const messageId = `${change.channel}/${change.deleted_ts}`;
      after("delete", () => handlers.handle({ kind: "delete", deliveryId, from, messageId }));
    }
    if (change.subtype === "message_changed" && change.message && change.message.user !== ownUser()) {
      const { ts, text = "" } = change.message;
      after("edit", () =>
        handlers.handle({ kind: "edit", deliveryId, from, messageId: `${change.channel}/${ts}`, text }),
      );
    }
  });
}

function messageStub({ channel, ts }: Reaction["item"]): PinnedMessage {
  return { messageId: `${channel}/${ts}`, author: "", at: new Date(Number(ts) * 1_000).toISOString(), text: "" };
}

/** The message as it reads now, with the name of who wrote it; undefined when it is gone. */
async function readMessage({ client }: ListenerOptions, item: Reaction["item"]): Promise<PinnedMessage | undefined> {
  const { channel, ts } = item;
  // A reply is not in the history, but a thread's replies hold it, whichever message is asked about.
  const { messages = [] } = await client.conversations.replies({ channel, ts, limit: 1, inclusive: true });
  const found = messages.find((one) => one.ts === ts);
  if (!found) return undefined;
  const [person, link] = await Promise.all([
    found.user ? client.users.info({ user: found.user }).catch(() => undefined) : undefined,
    client.chat.getPermalink({ channel, message_ts: ts }).catch(() => undefined),
  ]);
  const author = person?.user?.real_name ?? person?.user?.name ?? found.user ?? "somebody";
  return {
    ...messageStub(item),
    author,
    text: found.text ?? "",
    ...(link?.permalink && { permalink: link.permalink }),
  };
}

async function publishHome({ client, handlers }: ListenerOptions, from: ChatAccount): Promise<void> {
  const cards = await handlers.home(from);
  const user = from.account.slice(from.account.indexOf("/") + 1);
  await client.views.publish({ user_id: user, view: homeView(cards, new Date().toISOString()) as never });
}
