import { type ChatPage, type Fields, startChatPage } from "../chat-page.ts";
import { pageHtml } from "./page.ts";
import { createPeople } from "./people.ts";
import type { TeamsServer } from "./server.ts";
import type { TeamsMessage } from "./state.ts";

const MOST_VIEWS = 2_000;

type Json = Record<string, unknown>;

/** The page of the fake tenant. Throws AppError `port-in-use`. */
export async function startTeamsPage(teams: TeamsServer, port = 0): Promise<ChatPage> {
  const { state } = teams;
  const people = createPeople(teams);
  /** A card as one person sees it, until it is edited. */
  const views = new Map<string, Json | undefined>();
  const dialogs = new Map<string, Json>();
  const viewOf = (as: string, { id, edits }: TeamsMessage) => `${as}/${id}/${edits}`;

  /** Asks anew for the cards that differ from person to person, as Teams does when they come into view. */
  async function refresh(as: string): Promise<void> {
    if (views.size > MOST_VIEWS) views.clear();
    for (const message of state.messages.slice(-50)) {
      const key = viewOf(as, message);
      if (!message.card?.refresh || views.has(key)) continue;
      views.set(key, undefined);
      const seen = await people.look(as, message).catch(() => undefined);
      views.set(key, seen?.type === "AdaptiveCard" ? seen : undefined);
    }
  }

  function messageOf({ id }: Fields): TeamsMessage {
    const found = state.messages.find((one) => one.id === id);
    if (!found) throw new Error("That message is gone.");
    return found;
  }

  async function choose(as: string, fields: Fields, what: "pin" | "unpin"): Promise<void> {
    const { body } = await people.choose(as, messageOf(fields), what);
    const { task } = body as { task?: { value: { card: { content: Json } } } };
    if (task) dialogs.set(as, task.value.card.content);
  }

  return await startChatPage({
    name: "Teams page",
    port,
    people: () => state.people.map(({ name }) => name),
    async html(as) {
      await refresh(as);
      const cardOf = (message: TeamsMessage) => views.get(viewOf(as, message)) ?? message.card;
      return pageHtml({ state, as, cardOf, dialog: dialogs.get(as) });
    },
    acts: {
      say(as, { text = "", to }) {
        if (to === "personal") return people.write(as, text.slice(0, 4_000));
        const mention = /^@muster\b\s*/i;
        const whom = mention.test(text) ? "bot" : "everybody";
        return people.say(as, text.slice(0, 4_000).replace(mention, ""), whom);
      },
      async press(as, fields) {
        const { title = "", answer = "", region = "", dryRun = "false" } = fields;
        const message = messageOf(fields);
        const card = views.get(viewOf(as, message)) ?? message.card;
        const { body } = await people.press(as, message, title, { answer, region, dryRun }, { card });
        const { value } = body;
        if (typeof value === "object" && value !== null && "body" in value)
          views.set(viewOf(as, message), value as Json);
        else if (typeof value === "string") dialogs.set(as, textCard(value));
      },
      pin: (as, fields) => choose(as, fields, "pin"),
      unpin: (as, fields) => choose(as, fields, "unpin"),
      close: (as) => dialogs.delete(as),
    },
  });
}

function textCard(text: string): Json {
  return { type: "AdaptiveCard", body: [{ type: "RichTextBlock", inlines: [{ type: "TextRun", text }] }] };
}
