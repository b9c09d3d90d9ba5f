import { describe, expect, it } from "vitest";
import { createSlackClient } from "../adapters/chat/slack/chat.ts";
import { createLogger } from "../src/logger.ts";
import { serveFetch } from "./helpers/serve.ts";

const TOKEN = "xoxb-111111111111-abcdefghijkl";

describe("the log", () => {
  it("holds no token of ours, although a vendor, or a proxy between, says what it was sent", async () => {
    const lines: string[] = [];
    const logger = createLogger("info", { write: (line: string) => lines.push(line) });
    const url = await serveFetch(async (request) => {
      const sent = JSON.stringify(Object.fromEntries(request.headers));
      return new Response(`no route for ${sent}`, { status: 502 });
    });
    const error: unknown = await createSlackClient(TOKEN, `${url}/api/`)
      .auth.test()
      .catch((thrown: unknown) => thrown);
    logger.warn({ err: error, at: "postgres://muster:hunter22@db.example/muster" }, "Slack: auth.test failed");
    // It is a line that can be read, and says what happened.
    const line = JSON.parse(lines.join("")) as { err: { statusCode: number }; at: string; msg: string };
    expect(line).toMatchObject({ err: { statusCode: 502 }, msg: "Slack: auth.test failed" });
    expect(lines.join("")).toContain("[redacted:");
    expect(line.at).toBe("postgres://muster:[redacted:password]@db.example/muster");
    expect(lines.join("")).not.toContain(TOKEN);
  });

  it("stays lines of JSON, whatever stands around a secret", () => {
    const lines: string[] = [];
    const logger = createLogger("info", { write: (line: string) => lines.push(line) });
    const said = ["password=hunter22", "authorization: basic aHVudGVyMjI", "requirepass hunter22"];
    for (const one of said) logger.warn({ quoted: `say "${one}" now`, nested: JSON.stringify({ of: one }) }, "said");
    const read = lines.map((line) => JSON.parse(line) as { quoted: string; nested: string });
    expect(read.map(({ quoted }) => quoted)).toEqual([
      'say "password=[redacted:password]" now',
      'say "authorization: basic [redacted:authorization]" now',
      'say "requirepass [redacted:password]" now',
    ]);
    expect(read.map(({ nested }) => typeof (JSON.parse(nested) as { of: string }).of)).toEqual(
      said.map(() => "string"),
    );
  });
});
