import { commands } from "../../commands/index.ts";
import { AppError } from "../../src/errors.ts";
import { createHttp } from "../../src/http/http.ts";
import { type ChatSurface, chatSurfaceContract } from "../contracts/chat-surface.ts";
import { surfacePlan, surfaceWorld } from "../helpers/chat-surface.ts";
import { fakeDirectory } from "../helpers/core.ts";
import { startMuster } from "../helpers/muster.ts";
import { ORIGIN } from "./server.ts";

/** The control room as the third chat: what a browser sends and shows, without a browser. */
async function createSurface(): Promise<ChatSurface> {
  const { board, halt } = surfaceWorld();
  const muster = startMuster(surfacePlan, board);
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const logger = { info() {}, warn() {}, error() {} };
  const app = createHttp({ core: muster.core, commands, directory: fakeDirectory, logger, openSignIn: true });
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string>) =>
    app.request(`${ORIGIN}${path}`, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { origin: ORIGIN, ...headers },
    });

  const cookies = new Map<string, string>();
  async function cookieOf(principal: string): Promise<string> {
    const known = cookies.get(principal);
    if (known) return known;
    const answer = await post("/session", { principal }, {});
    const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
    cookies.set(principal, cookie);
    return cookie;
  }
  async function ask(principal: string, path: string, fields: Record<string, string>): Promise<string> {
    const answer = await post(path, fields, { cookie: await cookieOf(principal), accept: "application/json" });
    return textOf(((await answer.json()) as { html: string }).html);
  }
  async function messages(principal: string): Promise<string[]> {
    const page = await (await app.request(`${ORIGIN}/`, { headers: { cookie: await cookieOf(principal) } })).text();
    const channel = page.slice(page.indexOf('<div id="messages"'), page.indexOf('<aside id="side"'));
    return channel.split(/(?=<div class="message )/).slice(1);
  }

  return {
    muster,
    halt,
    say: (principal, text) => ask(principal, "/say", { text }),
    async press(principal, messageText, button, asked) {
      // A commander is shown what others are not; whoever presses is asked who they are all the same.
      const both = [...(await messages(principal)), ...(await messages("commander"))];
      const forms = both.filter((one) => textOf(one).includes(messageText)).flatMap((one) => one.split("<form "));
      const form = forms.find((one) => one.includes(`data-label="${button}"`));
      if (!form) throw new AppError({ code: "not-found", summary: `No button "${button}" on "${messageText}".` });
      const hidden = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [
        name,
        plain(value),
      ]);
      return await ask(principal, "/press", {
        ...Object.fromEntries(hidden),
        confirmed: "yes",
        ...(asked && { asked }),
      });
    },
    channel: async () => (await messages("observer")).map(textOf),
    dispose: () => muster.stop(),
  };
}

function textOf(markup: string): string {
  return plain(markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " "));
}

function plain(text: string): string {
  const names: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (name) => names[name] ?? name);
}

chatSurfaceContract("the control room", createSurface, { outside: false });
