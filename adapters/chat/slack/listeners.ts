import type { App } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { ChatAccount, ChatHandlers, Inbound } from "../../../src/chat/port.ts";
import { accountOf } from "./account.ts";
import type { ButtonValue } from "./cards.ts";
import { messages } from "./pins.ts";
import type { Answer, Working } from "./reply.ts";
import {
  ASK_VIEW,
  askView,
  homeView,
  MOVE_VIEW,
  type MoveForm,
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
  working: Working;
  /** Reactions with these names put a message on the timeline. */
  pinEmoji: readonly string[];
  /** The bot's own user, whose messages are never pinned; undefined until Slack has said. */
  ownUser(): string | undefined;
  log(error: unknown, what: string): void;
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

export type After = (what: string, work: () => Promise<unknown>) => void;

function commands(options: ListenerOptions, after: After): void {
  const { app, client, handlers, answer, working } = options;
  app.command(COMMAND, async ({ command, context, ack }) => {
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
        return await openMove(options, verb, from, {
          trigger: command.trigger_id,
          channel: command.channel_id,
          push: false,
        });
      const deliveryId = `command/${command.trigger_id}`;
      const handle = () => handlers.handle({ kind: "command", deliveryId, from, text: command.text });
      // Who is asked about again by Slack has been told already.
      await answer(where, await (context.retryNum === undefined ? working(where, verb, handle) : handle()));
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
  view?: { type: string; id: string; hash: string; private_metadata: string };
}

function buttons(options: ListenerOptions, after: After): void {
  const { app, client, handlers, answer, working } = options;
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
    const asked = { trigger: pressed.trigger_id, channel, push: pressed.view?.type === "modal" };
    after("button", async () => {
      // The trigger lives three seconds: the form is opened before anything else is looked at.
      if (ask) {
        const view = askView({ command, input, ask, ...(confirm && { confirm }) }, text?.text ?? "Go on", channel);
        return await openView(client, asked, view);
      }
      if ((command === "failover" || command === "failback") && Object.keys(input).length === 0)
        return await openMove(options, command, from, asked);
      const deliveryId = `press/${pressed.trigger_id}`;
      const handle = () => handlers.handle({ kind: "press", deliveryId, from, command, input });
      await answer(where, await working(where, command, handle));
    });
  });
  app.action(REGION.action, async ({ body, ack }) => {
    await ack();
    after("evidence", async () => {
      const { user, team, trigger_id, view } = body as unknown as Pressed & { view: View };
      const { region } = submitted(view.state.values);
      if (region === undefined) return;
      const { id: account, username: name } = user;
      const from = accountOf({ user: account, team: team?.id, enterprise: team?.enterprise_id, name });
      const { command, channel } = JSON.parse(view.private_metadata) as Remembered;
      await showEvidence(options, from, view, { trigger: trigger_id, command: command as Move, channel, region });
    });
  });
}

interface View {
  type: string;
  id: string;
  hash: string;
  private_metadata: string;
  state: { values: Record<string, Record<string, unknown>> };
}

interface Asked {
  trigger: string;
  channel: string | undefined;
  /** On top of an open dialog another can only be pushed. */
  push: boolean;
}

async function openView(client: WebClient, { trigger, push }: Asked, view: object) {
  const shown = { trigger_id: trigger, view: view as never };
  return (push ? await client.views.push(shown) : await client.views.open(shown)).view;
}

const FORM_GONE = new Set(["not_found", "hash_conflict"]);

type Move = "failover" | "failback";

/** The form of a failover waits for a region; a failback has but one way to go, and says at once what it would do. */
async function openMove(options: ListenerOptions, command: Move, from: ChatAccount, asked: Asked): Promise<void> {
  const { client, handlers } = options;
  const { regions } = await handlers.choices();
  const opened = await openView(client, asked, moveView({ command, regions, channel: asked.channel }));
  if (command === "failover" || !opened?.id || !opened.hash) return;
  const { id, hash } = opened;
  await showEvidence(options, from, { id, hash }, { trigger: asked.trigger, command, channel: asked.channel });
}

interface Considered {
  trigger: string;
  command: Move;
  channel: string | undefined;
  region?: string;
}

/** What the move would do, in the form itself; what was typed there meanwhile stays. */
async function showEvidence(
  { client, handlers }: ListenerOptions,
  from: ChatAccount,
  opened: Pick<View, "id" | "hash">,
  { trigger, command, channel, region }: Considered,
): Promise<void> {
  const { regions } = await handlers.choices();
  /** Gives the form's new hash; none when it was submitted, closed or changed meanwhile. */
  const show = async (hash: string, evidence: NonNullable<MoveForm["evidence"]>): Promise<string | undefined> => {
    const view = moveView({ command, regions, channel, ...(region !== undefined && { chosen: region }), evidence });
    try {
      return (await client.views.update({ view_id: opened.id, hash, view: view as never })).view?.hash;
    } catch (error) {
      if (!FORM_GONE.has((error as { data?: { error?: string } }).data?.error ?? "")) throw error;
      return undefined;
    }
  };
  const hash = await show(opened.hash, "pending");
  if (hash === undefined) return;
  const input = { ...(region !== undefined && { region }), dryRun: true };
  const reply = await handlers.handle({ kind: "press", deliveryId: `evidence/${trigger}`, from, command, input });
  if (reply) await show(hash, reply.card);
}

function forms({ app, handlers, answer, working }: ListenerOptions, after: After): void {
  for (const callback of [ASK_VIEW, MOVE_VIEW]) {
    app.view(callback, async ({ ack, view, body }) => {
      // What it was opened from is closed with it.
      await ack({ response_action: "clear" });
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
      const where = { ...(channel && { channel }), user: user.id };
      after("form", async () => answer(where, await working(where, command, () => handlers.handle(inbound))));
    });
  }
}

async function publishHome({ client, handlers }: ListenerOptions, from: ChatAccount): Promise<void> {
  const cards = await handlers.home(from);
  const user = from.account.slice(from.account.indexOf("/") + 1);
  await client.views.publish({ user_id: user, view: homeView(cards, new Date().toISOString()) as never });
}
