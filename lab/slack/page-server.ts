import type { IncomingMessage, ServerResponse } from "node:http";
import { listenWith, readBody } from "../http.ts";
import { pageHtml } from "./page.ts";
import { createPeople, type Pressable } from "./people.ts";
import type { SlackServer } from "./server.ts";
import { openViewOf, type SlackMessage, type SlackState, userIdOf } from "./state.ts";

/** Serves the page of the fake workspace on loopback, and does there what its reader does. */
const MAX_BODY_BYTES = 64 * 1024;
const PIN = "pushpin";

export interface SlackPage {
  url: string;
  close(): Promise<void>;
}

/** Throws AppError `port-in-use`. */
export async function startSlackPage(slack: SlackServer, port = 0): Promise<SlackPage> {
  const { state } = slack;
  const acts = createActs(slack);
  const bound = await listenWith((req, res) => void answer(req, res).catch(() => res.destroy()), port, "Slack page");
  const origins = ["127.0.0.1", "localhost"].map((host) => `${host}:${bound.port}`);

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? "/", "http://lab");
    const { host = "", origin } = req.headers;
    // Another site in the same browser must not press buttons here, nor read under a name that it points at us.
    if (!origins.includes(host) || (origin !== undefined && origin !== `http://${host}`))
      return send(res, 403, "This page is for this machine alone.");
    if (req.method === "POST") return await act(req, res, pathname.slice(1));
    if (pathname.startsWith("/file/")) return sendFile(res, state, pathname);
    if (pathname !== "/") return send(res, 404, "There is no such page.");
    const first = [...state.users.keys()][0] ?? "";
    const asked = searchParams.get("as") ?? "operator";
    const as = state.users.has(asked) ? asked : first;
    send(res, 200, pageHtml({ state, as, connected: slack.connected() }), "text/html");
  }

  async function act(req: IncomingMessage, res: ServerResponse, name: string): Promise<void> {
    const fields = Object.fromEntries(new URLSearchParams((await readBody(req, MAX_BODY_BYTES)).toString()));
    const doIt = acts[name];
    if (!doIt || !state.users.has(fields.as ?? "")) return send(res, 404, "There is no such thing to do.");
    try {
      await doIt(fields.as as string, fields);
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

type Fields = Record<string, string>;

function createActs(slack: SlackServer): Record<string, (as: string, fields: Fields) => Promise<unknown>> {
  const { state } = slack;
  const people = createPeople(slack);
  return {
    async say(as, { text = "", thread }) {
      const command = /^\/dr\b(.*)$/s.exec(text.trim())?.[1];
      if (command !== undefined && thread === undefined) return await people.command(as, command.trim());
      return people.say(as, text.slice(0, 4_000), thread);
    },
    press: (as, { place = "", label = "" }) => people.press(as, pressed(state, as, place), label),
    submit: (as, { reason = "", region, dryRun }) =>
      people.submit(as, { reason, ...(region && { region }), dryRun: dryRun !== undefined }),
    choose: (as, { region = "" }) => people.choose(as, region),
    react(as, { ts }) {
      const message = state.messages.find((one) => one.ts === ts);
      if (!message) throw new Error("That message is gone.");
      const stands = message.reactions?.[PIN]?.includes(userIdOf(state, as)) ?? false;
      return people.react(as, message, PIN, !stands);
    },
    home: (as) => people.openHome(as),
    shortcut: (as) => people.shortcut(as),
    close: async (as) => state.views.delete(openViewOf(state, as).id),
  };
}

function pressed(state: SlackState, as: string, place: string): Pressable {
  const user = userIdOf(state, as);
  if (place === "view") {
    const open = openViewOf(state, as);
    return { ...open, blocks: open.view.blocks as unknown[] };
  }
  if (place === "home") {
    const view = state.homes.get(user) ?? {};
    return { view, id: `VHOME${user}`, hash: "home", blocks: view.blocks as unknown[] };
  }
  const shown: (Pick<SlackMessage, "ts" | "channel"> & Pressable)[] = [
    ...state.messages,
    ...state.private.filter((one) => one.user === user),
  ];
  const found = shown.find(({ ts }) => ts === place);
  if (!found) throw new Error("That message is gone.");
  return found;
}

function sendFile(res: ServerResponse, state: SlackState, pathname: string): void {
  const [, , ts, index] = pathname.split("/");
  const file = state.messages.find((one) => one.ts === ts)?.files[Number(index)];
  send(res, file ? 200 : 404, file?.text ?? "That file is gone.");
}

function send(res: ServerResponse, status: number, text: string, type = "text/plain"): void {
  res.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  res.end(text);
}
