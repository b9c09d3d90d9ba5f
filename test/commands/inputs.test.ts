import { describe, expect, it } from "vitest";
import { Role } from "../../src/commands/inputs.ts";

describe("a role in an incident, as people say it", () => {
  it.each([
    ["incident-commander", "incident-commander"],
    ["Incident Commander", "incident-commander"],
    ["IC", "incident-commander"],
    ["comms", "communications"],
    ["scribe", "scribe"],
  ])("%s", (written, role) => {
    expect(Role.parse(written)).toBe(role);
  });

  it("is told what there is when it is none", () => {
    expect(Role.safeParse("boss").error?.issues[0]?.message).toContain("incident-commander, communications, scribe");
  });
});
