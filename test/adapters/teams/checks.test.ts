import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { teamsChecks } from "../../../adapters/chat/teams/checks.ts";
import { startTeamsServer, type TeamsServer } from "../../../lab/teams/server.ts";
import { CHANNEL, TEAM, TENANT } from "../../../lab/teams/state.ts";
import { runChecks } from "../../../src/doctor/check.ts";
import { TEAMS_APP } from "../../helpers/teams-surface.ts";

let teams: TeamsServer;

beforeEach(async () => {
  teams = await startTeamsServer({ people: ["operator"], ...TEAMS_APP, botUrl: () => "" });
});
afterEach(() => teams.close());

const found = (changes: Partial<Parameters<typeof teamsChecks>[0]> = {}) => {
  const channel = { id: CHANNEL, teamId: TEAM, tenantId: TENANT };
  return runChecks(teamsChecks({ ...TEAMS_APP, channel, apiUrl: teams.url, ...changes }));
};

describe("the doctor, asked about Teams", () => {
  it("finds everything well where it is, and writes nothing there", async () => {
    const findings = await found();
    expect(findings.map(({ name, state }) => [name, state])).toEqual([
      ["sign-in", "ok"],
      ["keys", "ok"],
      ["channel", "ok"],
    ]);
    expect(teams.state.messages).toEqual([]);
  });

  it("says what to mend when the secret is not the app's, and does not show it", async () => {
    const findings = await found({ appPassword: "another-password" });
    expect(findings[0]).toMatchObject({ state: "failed", fix: expect.stringContaining("MUSTER_TEAMS_APP_PASSWORD") });
    expect(JSON.stringify(findings)).not.toContain("another-password");
  });

  it("warns when the team has not let it read the channel", async () => {
    teams.graphForbidden = true;
    expect((await found())[2]).toMatchObject({ state: "warning", said: expect.stringContaining("may stand twice") });
  });

  it("says that Microsoft does not answer when it does not", async () => {
    const findings = await found({ apiUrl: "http://127.0.0.1:1" });
    expect(findings.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
    expect(findings[0]?.said).toContain("does not answer");
  });
});
