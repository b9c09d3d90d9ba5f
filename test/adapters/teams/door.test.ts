import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTeamsConnection } from "../../../adapters/chat/teams/index.ts";
import { commands } from "../../../commands/index.ts";
import { createPeople, type TeamsPeople } from "../../../lab/teams/people.ts";
import { startTeamsServer, type TeamsServer } from "../../../lab/teams/server.ts";
import { CHANNEL, TEAM, TENANT } from "../../../lab/teams/state.ts";
import type { Forgery } from "../../../lab/teams/tokens.ts";
import type { ChatConnection, ChatHandlers, Inbound } from "../../../src/chat/port.ts";
import { createHttp } from "../../../src/http/http.ts";
import { listenOn } from "../../../src/http/listen.ts";
import { createFakeCore, type FakeCore, fakeDirectory } from "../../helpers/core.ts";
import { jsonRoots } from "../../helpers/json-roots.ts";
import { memoryRecords } from "../../helpers/records.ts";
import { TEAMS_APP } from "../../helpers/teams-surface.ts";

/** The real door behind Muster's own server; what comes through it is only noted. */
describe("the door for Teams", () => {
  let teams: TeamsServer;
  let people: TeamsPeople;
  let server: { url: string; close(): Promise<void> };
  let connection: ChatConnection;
  let core: FakeCore;
  let came: Inbound[] = [];
  const handlers = { handle: async (inbound: Inbound) => void came.push(inbound) } as unknown as ChatHandlers;
  const command = (change: Record<string, unknown> = {}) => ({
    ...people.activity("operator", "message", "personal", { text: "status" }),
    ...change,
  });

  beforeAll(async () => {
    teams = await startTeamsServer({
      people: ["operator"],
      ...TEAMS_APP,
      botUrl: () => `${server.url}/teams/messages`,
    });
    people = createPeople(teams);
    const logger = pino({ level: "silent" });
    const channel = { id: CHANNEL, teamId: TEAM, tenantId: TENANT };
    const more = { apiUrl: teams.url, store: memoryRecords(), logger };
    connection = createTeamsConnection({ ...TEAMS_APP, channel, ...more });
    const doors = connection.door ? [connection.door] : [];
    core = createFakeCore();
    const app = createHttp({ core, commands, directory: fakeDirectory, logger, openSignIn: false, doors });
    server = await listenOn(app.fetch, { host: "127.0.0.1", port: 0 });
    connection.start(handlers);
  });
  beforeEach(() => {
    came = [];
    core.turned.length = 0;
  });
  afterAll(async () => {
    await connection.stop();
    await server.close();
    await teams.close();
  });

  it("opens for what the Bot Connector has signed for this app", async () => {
    expect((await teams.deliver(command())).status).toBe(200);
    expect(core.turned).toEqual([]);
    expect(came).toMatchObject([{ kind: "command", text: "status" }]);
  });

  const now = () => Math.floor(Date.now() / 1_000);
  const forgeries: [string, () => Forgery | "none"][] = [
    ["no token", () => "none"],
    ["somebody else's key", () => ({ key: "somebody-elses" })],
    ["another app's audience", () => ({ claims: { aud: "55555555-5555-4555-8555-555555555555" } })],
    ["a token that has ended", () => ({ claims: { exp: now() - 3_600, nbf: now() - 7_200 } })],
    ["a token that has not begun", () => ({ claims: { nbf: now() + 3_600 } })],
    ["another service's address", () => ({ claims: { serviceurl: "https://evil.example/" } })],
    ["no service's address", () => ({ claims: { serviceurl: undefined } })],
    ["another issuer", () => ({ claims: { iss: "https://sts.windows.net/evil/" } })],
    // One of those whose tokens the SDK takes from emulators.
    [
      "an emulator's issuer",
      () => ({ claims: { iss: "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/" } }),
    ],
  ];

  it.each(forgeries)("stays shut for %s", async (_, forgery) => {
    const { status } = await teams.deliver(command(), forgery());
    expect(status).toBe(401);
    expect(came).toEqual([]);
    expect(core.turned).toEqual([{ source: "127.0.0.1 (/teams/messages)", code: "not-authenticated" }]);
  });

  it("stays shut for an activity that names no service, with which no claim could be compared", async () => {
    expect((await teams.deliver(command({ serviceUrl: "" }))).status).toBe(400);
    expect((await teams.deliver(command({ serviceUrl: undefined }))).status).toBe(400);
    expect(came).toEqual([]);
  });

  it("stays shut for other channels than Teams, which the SDK treats in other ways", async () => {
    for (const channelId of ["emulator", "AseChannel", "directline"])
      expect((await teams.deliver(command({ channelId }), { key: "unendorsed" })).status).toBe(401);
    expect(came).toEqual([]);
  });

  it("stays shut for another tenant, whose people may use the same names", async () => {
    const other = "66666666-6666-4666-8666-666666666666";
    const conversation = { id: "a:operator", conversationType: "personal", tenantId: other };
    expect((await teams.deliver(command({ conversation }))).status).toBe(403);
    expect((await teams.deliver(command({ channelData: { tenant: { id: other } } }))).status).toBe(403);
    const nowhere = { conversation: { id: "a:operator", conversationType: "personal" }, channelData: {} };
    expect((await teams.deliver(command(nowhere))).status).toBe(403);
    expect(core.turned.map(({ code }) => code)).toEqual(["not-allowed", "not-allowed", "not-allowed"]);
    expect(came).toEqual([]);
  });

  it("stays shut for a body that is no activity", async () => {
    expect((await teams.deliver({ hello: "there" })).status).toBe(400);
    for (const [kind, text] of jsonRoots) expect((await teams.deliver(JSON.parse(text))).status, kind).toBe(400);
    // The Connector has signed: that is no stranger at the door.
    expect(core.turned).toEqual([]);
    expect((await teams.deliver({ hello: "there" }, "none")).status).toBe(401);
    expect(came).toEqual([]);
  });

  it("asks Teams to deliver again while nobody listens", async () => {
    await connection.stop();
    expect((await teams.deliver(command())).status).toBe(503);
    connection.start(handlers);
    expect((await teams.redeliver()).status).toBe(200);
    expect(came).toHaveLength(1);
  });
});
