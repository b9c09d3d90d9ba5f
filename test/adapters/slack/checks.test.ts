import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { slackChecks } from "../../../adapters/chat/slack/checks.ts";
import { type SlackServer, startSlackServer } from "../../../lab/slack/server.ts";
import { CHANNEL } from "../../../lab/slack/state.ts";
import { runChecks } from "../../../src/doctor/check.ts";
import { TOKENS } from "./tokens.ts";

let slack: SlackServer;

beforeEach(async () => {
  slack = await startSlackServer({ people: ["operator"], ...TOKENS });
});
afterEach(() => slack.close());

const found = (changes: Partial<Parameters<typeof slackChecks>[0]> = {}) => {
  const { botToken, appToken } = TOKENS;
  return runChecks(slackChecks({ botToken, appToken, channel: CHANNEL, apiUrl: `${slack.url}/api/`, ...changes }));
};

describe("the doctor, asked about Slack", () => {
  it("finds everything well where it is, and writes nothing there", async () => {
    expect(await found()).toEqual([
      {
        area: "slack",
        name: "bot token",
        state: "ok",
        said: "It is muster in the workspace lab, with every scope.",
      },
      { area: "slack", name: `channel ${CHANNEL}`, state: "ok", said: "The bot is in #incidents." },
      { area: "slack", name: "app token", state: "ok", said: "Socket Mode can be opened." },
    ]);
    expect(slack.state.messages).toEqual([]);
    expect(slack.connected()).toBe(false);
  });

  it("names the scopes that an older installation lacks", async () => {
    slack.state.scopes.delete("files:write");
    slack.state.scopes.delete("im:write");
    const [bot] = await found();
    expect(bot).toMatchObject({ state: "failed", said: "It is muster in lab, and may not: files:write and im:write." });
    expect(bot?.fix).toContain("manifest/slack/manifest.json");
  });

  it("says what to do where the bot was not invited, and where the channel is another", async () => {
    slack.state.botIsMember = false;
    expect((await found())[1]).toMatchObject({ state: "failed", said: "The bot is not in #incidents." });
    const [, other] = await found({ channel: "C0NOWHERE" });
    expect(other).toMatchObject({ state: "failed", said: "Slack refuses: channel_not_found." });
    expect(other?.fix).toContain("MUSTER_SLACK_CHANNEL");
  });

  it("tells a wrong bot token from a wrong app token", async () => {
    const states = async (changes: Parameters<typeof found>[0]) =>
      (await found(changes)).map(({ name, state }) => `${name.split(" ")[0]} ${state}`);
    expect(await states({ botToken: "xoxb-wrong" })).toEqual(["bot failed", "channel failed", "app ok"]);
    expect(await states({ appToken: "xapp-wrong" })).toEqual(["bot ok", "channel ok", "app failed"]);
  });

  it("says that Slack is away when it is", async () => {
    await slack.close();
    const all = await found();
    expect(all.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
    for (const { said } of all) expect(said).toContain("Slack does not answer");
  });
});
