import { createHmac } from "node:crypto";
import { App } from "@slack/bolt";
import { beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../adapters/chat/slack/chat.ts";
import { createDoorReceiver, DOOR_PATH } from "../../../adapters/chat/slack/receiver.ts";
import { createFakeCore } from "../../helpers/core.ts";
import { jsonRoots } from "../../helpers/json-roots.ts";
import { startHttp } from "../../http/server.ts";

const SECRET = "lab-signing-secret";
const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

/** Bolt itself behind Muster's own server, and a Slack that knows the secret. */
function open() {
  const door = createDoorReceiver(SECRET);
  const bolt = new App({ receiver: door, logger: silentLogger, authorize: async () => ({}) });
  const came: string[] = [];
  bolt.command("/dr", async ({ command, ack }) => {
    await ack();
    came.push(command.text);
  });
  const core = createFakeCore();
  const doors = [{ path: DOOR_PATH, handle: door.handle }];
  const { send, logged } = startHttp(core, { doors });
  const deliver = (type: string, body: string, secret = SECRET) => {
    const at = String(Math.floor(Date.now() / 1_000));
    const signature = `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`;
    const headers = { "content-type": type, "x-slack-request-timestamp": at, "x-slack-signature": signature };
    return send(DOOR_PATH, { method: "POST", body, headers });
  };
  return { deliver, came, core, logged };
}

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

describe("the door for Slack", () => {
  let slack: ReturnType<typeof open>;
  beforeEach(() => {
    slack = open();
  });

  it("opens for a signed command, and answers Slack's own questions", async () => {
    const command = form({ command: "/dr", text: "status", user_id: "U1", team_id: "T1", channel_id: "C1" });
    expect((await slack.deliver(FORM_TYPE, command)).status).toBe(200);
    expect(slack.came).toEqual(["status"]);
    const challenge = await slack.deliver(JSON_TYPE, JSON.stringify({ type: "url_verification", challenge: "abc" }));
    expect(await challenge.json()).toEqual({ challenge: "abc" });
    expect((await slack.deliver(JSON_TYPE, JSON.stringify({ type: "app_rate_limited" }))).status).toBe(200);
    const event = { type: "event_callback", team_id: "T1", event: { type: "app_home_opened", user: "U1" } };
    expect((await slack.deliver(JSON_TYPE, JSON.stringify(event))).status).toBe(200);
    expect(slack.core.turned).toEqual([]);
  });

  it("stays shut for another secret, and it is counted", async () => {
    expect((await slack.deliver(JSON_TYPE, "null", "another")).status).toBe(401);
    expect(slack.core.turned).toEqual([{ source: `unknown (${DOOR_PATH})`, code: "not-authenticated" }]);
  });

  it.each(jsonRoots)("says that it cannot be read: signed, and %s", async (_, text) => {
    for (const [type, body] of [
      [JSON_TYPE, text],
      [FORM_TYPE, form({ payload: text })],
      [JSON_TYPE, `{"type":"event_callback","event":${text}}`],
      [FORM_TYPE, form({ payload: `{"type":"block_actions","actions":[],"user":${text}}` })],
    ] as const) {
      const answer = await slack.deliver(type, body);
      expect(answer.status, body).toBe(400);
      expect(await answer.json()).toMatchObject({ code: "bad-input", hint: expect.stringContaining(DOOR_PATH) });
    }
    expect(slack.logged).toEqual([]);
    // Who signs is known: that is no stranger at the door.
    expect(slack.core.turned).toEqual([]);
  });
});
