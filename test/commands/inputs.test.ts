import { describe, expect, it } from "vitest";
import { Id, Person, RegionCode, Role, RunId } from "../../src/commands/inputs.ts";

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

describe("the name of a thing", () => {
  it.each(["constructor", "__proto__", " toString "])("is not %s, which every object has", (name) => {
    for (const schema of [Id, RunId, RegionCode, Person])
      expect(schema.safeParse(name).error?.issues[0]?.message).toBe("is the name of nothing here");
  });
});
