import type { IncomingMessage, ServerResponse } from "node:http";
import { listenWith, readBody } from "../http.ts";
import { pageHtml } from "./page.ts";
import { createPeople } from "./people.ts";
import type { TeamsServer } from "./server.ts";
import type { TeamsMessage } from "./state.ts";

/** Serves the page of the fake tenant on loopback, and does there what its reader does. */
const MAX_BODY_BYTES = 64 * 1024;
const MOST_VIEWS = 2_000;

export interface TeamsPage {
  url: string;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;
type Fields = Record<string, string>;

/** Throws AppError `port-in-use`. */
export async function startTeamsPage(teams: TeamsServer, port = 0): Promise<TeamsPage> {
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

  async function act(as: string, what: string, fields: Fields): Promise<void> {
    const { text = "", to, title = "", answer = "", region = "", dryRun = "false" } = fields;
    if (what === "say" && to === "personal") return void (await people.write(as, text.slice(0, 4_000)));
    if (what === "say") {
      const mention = /^@muster\b\s*/i;
      await people.say(as, text.slice(0, 4_000).replace(mention, ""), mention.test(text) ? "bot" : "everybody");
      return;
    }
    if (what === "press") {
      const message = messageOf(fields);
      const card = views.get(viewOf(as, message)) ?? message.card;
      const { body } = await people.press(as, message, title, { answer, region, dryRun }, { card });
      const { value } = body;
      if (typeof value === "object" && value !== null && "body" in value) views.set(viewOf(as, message), value as Json);
      else if (typeof value === "string") dialogs.set(as, textCard(value));
      return;
    }
    if (what === "close") return void dialogs.delete(as);
    const { body } = await people.choose(as, messageOf(fields), what === "pin" ? "pin" : "unpin");
    const { task } = body as { task?: { value: { card: { content: Json } } } };
    if (task) dialogs.set(as, task.value.card.content);
  }

  const known = new Set(["say", "press", "close", "pin", "unpin"]);
  const isPerson = (name: string | undefined) => state.people.some((one) => one.name === name);
  const bound = await listenWith((req, res) => void answer(req, res).catch(() => res.destroy()), port, "Teams page");
  const hosts = ["127.0.0.1", "localhost"].map((host) => `${host}:${bound.port}`);

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? "/", "http://lab");
    const { host = "", origin } = req.headers;
    // Another site in the same browser must not press buttons here, nor read under a name that it points at us.
    if (!hosts.includes(host) || (origin !== undefined && origin !== `http://${host}`))
      return send(res, 403, "This page is for this machine alone.");
    if (req.method !== "POST") {
      if (pathname !== "/") return send(res, 404, "There is no such page.");
      const asked = searchParams.get("as") ?? "operator";
      const as = isPerson(asked) ? asked : (state.people[0]?.name ?? "");
      await refresh(as);
      const cardOf = (message: TeamsMessage) => views.get(viewOf(as, message)) ?? message.card;
      return send(res, 200, pageHtml({ state, as, cardOf, dialog: dialogs.get(as) }), "text/html");
    }
    const fields = Object.fromEntries(new URLSearchParams((await readBody(req, MAX_BODY_BYTES)).toString()));
    const what = pathname.slice(1);
    if (!known.has(what) || !isPerson(fields.as)) return send(res, 404, "There is no such thing to do.");
    try {
      await act(fields.as as string, what, fields);
    } catch (error) {
      return send(res, 409, (error as Error).message);
    }
    res.writeHead(303, { location: `/?as=${encodeURIComponent(fields.as as string)}` }).end();
  }

  return {
    url: `http://127.0.0.1:${bound.port}`,
    async close() {
      bound.server.closeAllConnections();
      await new Promise<void>((resolve) => bound.server.close(() => resolve()));
    },
  };
}

function textCard(text: string): Json {
  return { type: "AdaptiveCard", body: [{ type: "RichTextBlock", inlines: [{ type: "TextRun", text }] }] };
}

function send(res: ServerResponse, status: number, text: string, type = "text/plain"): void {
  const headers = { "x-content-type-options": "nosniff", "x-frame-options": "DENY" };
  res.writeHead(status, { "content-type": `${type}; charset=utf-8`, ...headers });
  res.end(text);
}
