import { commands } from "../../commands/index.ts";
import { createHttp } from "../../src/http/http.ts";
import type { HttpOptions } from "../../src/http/options.ts";
import { type FakeCore, fakeDirectory, tokenOf } from "../helpers/core.ts";

export const ORIGIN = "http://127.0.0.1:4646";

/** The real app over a fake core, spoken to without a socket. */
export function startHttp(core: FakeCore, more: Partial<HttpOptions> = {}) {
  const logged: object[] = [];
  const log = (fields: object) => logged.push(fields);
  const logger = { info: log, warn: log, error: log } as unknown as HttpOptions["logger"];
  const app = createHttp({ core, commands, directory: fakeDirectory, logger, openSignIn: true, ...more });
  const send = async (path: string, init: RequestInit = {}) => app.request(`${ORIGIN}${path}`, init);

  return {
    app,
    logged,
    send,
    /** As a principal by token. */
    as: (principal: string) => ({
      get: (path: string) => send(path, { headers: { authorization: `Bearer ${tokenOf(principal)}` } }),
      post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
        send(path, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { authorization: `Bearer ${tokenOf(principal)}`, "content-type": "application/json", ...headers },
        }),
    }),
    /** In a browser, signed in. */
    browser: async (principal: string) => {
      const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
        send(path, { method: "POST", body: new URLSearchParams(fields), headers: { origin: ORIGIN, ...headers } });
      const signedIn = await form("/session", { principal });
      const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
      return {
        cookie,
        get: (path: string) => send(path, { headers: { cookie } }),
        form: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
          form(path, fields, { cookie, ...headers }),
      };
    },
  };
}

/** Reads a server-sent stream until `enough` says so, then ends it. */
export async function readStream(response: Response, enough: (text: string) => boolean): Promise<string> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!enough(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
