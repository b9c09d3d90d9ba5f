import { describe, expect, it } from "vitest";
import { loadConfig } from "../src/config.ts";
import { AppError } from "../src/errors.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const TEAM = "22222222-2222-4222-8222-222222222222";
const LINK = `https://teams.microsoft.com/l/channel/19%3Aabc-_1%40thread.tacv2/Incidents?groupId=${TEAM}&tenantId=${TENANT}`;
const TEAMS = {
  MUSTER_TEAMS_APP_ID: "44444444-4444-4444-8444-444444444444",
  MUSTER_TEAMS_APP_PASSWORD: "a-client-secret",
  MUSTER_TEAMS_CHANNEL: LINK,
};

function problems(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof AppError) return error.hint;
  }
  return "";
}

describe("the configuration of Teams", () => {
  it("takes channel, team and tenant from the channel's own link", () => {
    const channel = { id: "19:abc-_1@thread.tacv2", teamId: TEAM, tenantId: TENANT };
    expect(loadConfig(TEAMS).teams).toMatchObject({ appId: TEAMS.MUSTER_TEAMS_APP_ID, channel });
    const newer = LINK.replace("teams.microsoft.com", "teams.cloud.microsoft");
    expect(loadConfig({ ...TEAMS, MUSTER_TEAMS_CHANNEL: newer }).teams?.channel).toEqual(channel);
    expect(loadConfig({}).teams).toBeUndefined();
  });

  it.each([
    ["another site", LINK.replace("teams.microsoft.com", "evil.example")],
    ["no team", LINK.replace(/groupId=[^&]*&/, "")],
    ["no tenant", LINK.replace(/&tenantId=.*/, "")],
    ["a link to a message", LINK.replace("/channel/", "/message/")],
    ["a broken escape", LINK.replace("%3A", "%ff")],
    ["no channel's id", LINK.replace("19%3Aabc", "abc")],
    ["no link", "Incidents"],
  ])("refuses %s, with what to copy", (_, link) => {
    expect(problems({ ...TEAMS, MUSTER_TEAMS_CHANNEL: link })).toContain("Get link to channel");
  });

  it("says which of the three variables is missing", () => {
    const { MUSTER_TEAMS_APP_PASSWORD: _, ...rest } = TEAMS;
    expect(problems(rest)).toContain("MUSTER_TEAMS_APP_PASSWORD is missing");
  });

  it("lets nobody but this machine stand in for those who say who a caller is", () => {
    expect(loadConfig({ ...TEAMS, MUSTER_TEAMS_API_URL: "http://127.0.0.1:4701" }).teams?.apiUrl).toBeDefined();
    for (const url of ["https://evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1:80"])
      expect(problems({ ...TEAMS, MUSTER_TEAMS_API_URL: url })).toContain("loopback");
  });

  it("shows the password nowhere that a config is printed", () => {
    expect(JSON.stringify(loadConfig(TEAMS))).not.toContain("a-client-secret");
    expect(problems({ ...TEAMS, MUSTER_TEAMS_APP_PASSWORD: "short" })).not.toContain("short");
  });
});
