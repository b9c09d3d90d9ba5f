import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTeamsEmulator, type TeamsEmulator } from "../../lab/teams/emulator.ts";
import { createPeople } from "../../lab/teams/people.ts";
import { freePort } from "../helpers/free-port.ts";
import { type Instance, openPlace, type Place } from "../helpers/instances.ts";
import { eventually } from "../lab/eventually.ts";

let place: Place;
let emulator: TeamsEmulator;
let server: Instance;

beforeEach(async () => {
  const port = await freePort();
  place = await openPlace();
  emulator = await startTeamsEmulator(place.data, port);
  server = await place.start("one", { MUSTER_PORT: String(port) });
});
afterEach(() => place.end(emulator));

const now = () => Math.floor(Date.now() / 1_000);
/** Each of these the Bot Framework SDK would write about to stderr, with what it knows of keys. */
const forgeries = [
  { key: "somebody-elses" as const },
  { claims: { exp: now() - 3_600, nbf: now() - 7_200 } },
  { claims: { nbf: now() + 3_600 } },
];

describe("a forged token at the door of Teams", () => {
  it("is told in the log, once each, counted in the journal, and leaves nothing else on stderr", async () => {
    const { teams } = emulator;
    const activity = createPeople(teams).activity("operator", "message", "personal", { text: "status" });
    expect((await teams.deliver(activity)).status).toBe(200);
    for (const forgery of forgeries) expect((await teams.deliver(activity, forgery)).status).toBe(401);
    // It tells the first at once and counts what follows; what it has counted it writes when it ends.
    const refused = () => server.muster.events("door.refused");
    await eventually(async () => expect(await refused()).toHaveLength(1), 10_000);
    expect((await refused())[0]?.data).toMatchObject({ source: expect.stringContaining("/teams/messages") });
    await server.stop();
    const lines = server
      .log()
      .split("\n")
      .filter((line) => line !== "");
    expect(lines.filter((line) => !line.startsWith("{"))).toEqual([]);
    const told = lines.map((line) => JSON.parse(line) as { msg: string; code?: string; because?: string });
    const turnedAway = told.filter(({ msg }) => msg === "turned away at a door");
    expect(turnedAway).toHaveLength(forgeries.length);
    expect(turnedAway.map(({ because }) => because)).toEqual([
      "signature verification failed",
      '"exp" claim timestamp check failed',
      '"nbf" claim timestamp check failed',
    ]);
    expect(JSON.stringify(turnedAway)).not.toMatch(/eyJ|BEGIN/);
  });
});
