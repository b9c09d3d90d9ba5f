import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adaptiveCard } from "../../../adapters/chat/teams/cards.ts";
import { createTeamsPort } from "../../../adapters/chat/teams/index.ts";
import { cardFault, readCard } from "../../../lab/teams/cards.ts";
import { startTeamsServer, type TeamsServer } from "../../../lab/teams/server.ts";
import { CHANNEL, TEAM, TENANT } from "../../../lab/teams/state.ts";
import type { Card } from "../../../src/cards/card.ts";
import type { AppError } from "../../../src/errors.ts";
import { messageOf } from "../../contracts/chat-port.ts";
import { memoryRecords } from "../../helpers/records.ts";
import { filesOf } from "../../helpers/teams-files.ts";
import { TEAMS_APP } from "../../helpers/teams-surface.ts";

const signal = () => AbortSignal.timeout(10_000);

/** What is Teams's own on the wire: the contract of all chats is beside this. */
describe("the Teams adapter on the wire", () => {
  let teams: TeamsServer;
  let port: ReturnType<typeof createTeamsPort>;
  const warnings: string[] = [];
  const open = (change: { appPassword?: string } = {}) =>
    createTeamsPort({
      ...TEAMS_APP,
      channel: { id: CHANNEL, teamId: TEAM, tenantId: TENANT },
      apiUrl: teams.url,
      store: memoryRecords(),
      logger: { warn: (_, message) => warnings.push(message) },
      ...change,
    });
  const post = (id: string, thread?: string) =>
    port.port.post(messageOf(id), { marker: `app/${id}`, ...(thread && { thread }), signal: signal() });
  const posts = () => teams.calls.filter((call) => call.startsWith("POST /connector"));

  beforeEach(async () => {
    warnings.length = 0;
    teams = await startTeamsServer({ people: ["operator"], ...TEAMS_APP, botUrl: () => "" });
    port = open();
  });
  afterEach(() => teams.close());

  it.each([412, 502] as const)(
    "takes %i for something that passes, and does not try again by itself",
    async (status) => {
      teams.trouble = status;
      const error = await post("run-1").catch((caught: AppError) => caught);
      expect(error).toMatchObject({ code: "vendor-unavailable", retryable: true });
      expect(posts()).toHaveLength(1);
    },
  );

  it("waits as long as Retry-After says, and has asked once", async () => {
    teams.trouble = "throttled";
    const error = await post("run-1").catch((caught: AppError) => caught);
    expect(error).toMatchObject({ code: "vendor-throttled", retryAfterMs: 2_000 });
    expect(posts()).toHaveLength(1);
  });

  it("says which variable is wrong when the app cannot sign in, and never the secret", async () => {
    port = open({ appPassword: "another-password" });
    const error = (await post("run-1").catch((caught: AppError) => caught)) as AppError;
    expect(error).toMatchObject({ code: "vendor-rejected", retryable: false });
    expect(error.hint).toContain("MUSTER_TEAMS_APP_PASSWORD");
    expect(`${error.summary} ${error.hint} ${error.stack}`).not.toContain("another-password");
  });

  it("signs in once for many calls", async () => {
    for (const id of ["run-1", "run-2", "run-3"]) await post(id);
    expect(teams.calls.filter((call) => call.includes("/token"))).toHaveLength(1);
  });

  it("finds a message behind a page of newer ones, and gives up after three pages", async () => {
    const ref = await post("run-1");
    for (let index = 0; index < 149; index++) await post(`e${index}`);
    expect(await port.port.find("app/run-1", { signal: signal() })).toBe(ref);
    await post("e149");
    expect(await port.port.find("app/run-1", { signal: signal() })).toBeUndefined();
  });

  it("says once that a card may stand twice where the team has not let it read the channel", async () => {
    await post("run-1");
    teams.graphForbidden = true;
    expect(await port.port.find("app/run-1", { signal: signal() })).toBeUndefined();
    expect(await port.port.find("app/run-1", { signal: signal() })).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining("may stand twice")]);
  });

  it("says a long document in parts, and after a failure in the middle only what is missing", async () => {
    const ref = await post("e9");
    const text = Array.from({ length: 900 }, (_, index) => `${index} ${"wörd ".repeat(20)}`).join("\n");
    await port.port.upload(ref, [{ name: "postmortem.md", text }], signal());
    const parts = () => teams.state.messages.flatMap(({ card }) => filesOf(card));
    const whole = parts().length;
    expect(whole).toBeGreaterThan(3);
    expect(
      parts()
        .map((part) => part.text)
        .join("\n"),
    ).toBe(text);
    const lost = teams.state.messages.findIndex(({ card }) => readCard(card).text.includes("(3/"));
    teams.state.messages.splice(lost, 1);
    await port.port.upload(ref, [{ name: "postmortem.md", text }], signal());
    expect(parts()).toHaveLength(whole);
  });

  it("writes to where the latest activity came from", async () => {
    const { references } = port;
    await references.learn({ serviceUrl: "http://127.0.0.1:1/", botId: "28:x" });
    expect(await post("run-1").catch((caught: AppError) => caught.code)).toBe("vendor-unavailable");
    await references.learn({ serviceUrl: teams.serviceUrl, botId: "28:x", account: "t/u", userId: "29:u" });
    await post("run-1");
    expect(await references.current()).toMatchObject({ people: [{ account: "t/u", userId: "29:u" }] });
  });

  it("keeps the sixty people who came last, whom cards are refreshed for", async () => {
    const { references } = port;
    for (let index = 0; index < 70; index++)
      await references.learn({
        serviceUrl: teams.serviceUrl,
        botId: "28:x",
        account: `t/${index}`,
        userId: `29:${index}`,
      });
    const { people } = await references.current();
    expect(people).toHaveLength(60);
    expect(people[0]).toEqual({ account: "t/69", userId: "29:69" });
  });
});

describe("a card in Teams", () => {
  const card = (change: Partial<Card>): Card => ({ title: "T", status: "info", fallback: "T", ...change });
  const button = (index: number) => ({ label: `B${index}`, style: "default" as const, command: "status", input: {} });

  it("stays within 80 KB whatever is on it", () => {
    const long = "字".repeat(5_000);
    const facts = Array.from({ length: 200 }, () => ({ label: long, value: long }));
    const rows = Array.from({ length: 500 }, () => [long, long]);
    const buttons = Array.from({ length: 24 }, (_, index) => ({
      ...button(index),
      confirm: long,
      ask: { field: "reason", label: long },
    }));
    const big = card({
      title: long,
      facts,
      text: [long],
      table: { columns: ["a", "b"], rows },
      buttons,
      context: [long],
    });
    const people = Array.from({ length: 100 }, (_, index) => `29:${"x".repeat(100)}${index}`);
    const made = adaptiveCard(big, { marker: "app/run-1", messageId: "run-1", people, notice: big });
    expect(cardFault(made)).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(made))).toBeLessThan(80_000);
  });

  it("says that something is left out only where it is", () => {
    const textOf = (text: string) => readCard(adaptiveCard(card({ text: [text] }))).text;
    expect(textOf("somebody's own words end here …")).not.toContain("left out");
    expect(textOf("long ".repeat(2_000))).toContain("left out");
  });

  it("puts more than six buttons in rows, because Teams hides the seventh", () => {
    const made = adaptiveCard(card({ buttons: Array.from({ length: 8 }, (_, index) => button(index)) }));
    expect(cardFault(made)).toBeUndefined();
    expect(readCard(made).buttons).toHaveLength(8);
  });

  it("asks before it sends where a button wants a confirmation", () => {
    const made = adaptiveCard(card({ buttons: [{ ...button(1), confirm: "Sure?" }] }));
    expect(made.actions?.[0]).toMatchObject({ type: "Action.ShowCard", title: "B1" });
    expect(JSON.stringify(made.actions)).toContain("Sure?");
  });

  it("sends the same from a client that does not know Execute", () => {
    const [action] = adaptiveCard(card({ buttons: [button(1)] })).actions ?? [];
    expect(action?.fallback).toMatchObject({ type: "Action.Submit", data: action?.data });
  });

  it("is made anew for whoever looks only while it has buttons", () => {
    expect(adaptiveCard(card({}), { messageId: "run-1" }).refresh).toBeUndefined();
    expect(adaptiveCard(card({ buttons: [button(1)] }), { messageId: "run-1" }).refresh).toBeDefined();
  });
});
