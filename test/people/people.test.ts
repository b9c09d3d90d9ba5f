import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Role } from "../../src/core.ts";
import { type Person, peopleFile } from "../../src/people/file.ts";
import { createDirectory, loadPeople } from "../../src/people/people.ts";
import { quorumProblems } from "../../src/people/quorum.ts";
import { hasRole } from "../../src/people/roles.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";

const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");
const created = "2030-01-01T00:00:00Z";

function person(id: string, roles: Role[], tokens: Person["tokens"] = []): Person {
  return { id, name: id, roles, tokens, identities: {} };
}

describe("the directory", () => {
  const now = () => Date.parse("2030-06-01T00:00:00Z");
  const people = [
    person("operator", ["operator"], [{ sha256: sha256("one"), created }]),
    person(
      "approver-1",
      ["approver"],
      [
        { sha256: sha256("old"), created, expires: "2030-05-31T23:59:59Z" },
        { sha256: sha256("new"), created, expires: "2030-06-01T00:00:01Z" },
      ],
    ),
  ];
  const directory = createDirectory(people, now);

  it("knows a person by a token, and by nothing like it", () => {
    expect(directory.authenticate("one")?.caller.principal).toBe("operator");
    expect(directory.authenticate("new")?.caller.principal).toBe("approver-1");
    for (const token of ["", "One", "one ", sha256("one"), "x".repeat(513)])
      expect(directory.authenticate(token)).toBeUndefined();
  });

  it("knows no token after its end", () => {
    expect(directory.authenticate("old")).toBeUndefined();
    expect(createDirectory(people, () => now() + 1_000).authenticate("new")).toBeUndefined();
  });

  it("finds people by id and lists them in the file's order", () => {
    expect(directory.byId("approver-1")).toEqual({
      principal: "approver-1",
      name: "approver-1",
      roles: ["observer", "approver"],
    });
    expect(directory.byId("toString")).toBeUndefined();
    expect(directory.list().map(({ principal }) => principal)).toEqual(["operator", "approver-1"]);
  });

  it("gives a commander all roles and nobody else a second duty", () => {
    const roles = (...listed: Role[]) => createDirectory([person("x", listed)]).byId("x")?.roles;
    expect(roles("commander")).toEqual(["observer", "operator", "approver", "commander"]);
    expect(roles("approver")).toEqual(["observer", "approver"]);
    expect(roles("operator")).toEqual(["observer", "operator"]);
    expect(roles("observer")).toEqual(["observer"]);
  });

  it("cannot be talked into another role", () => {
    expect(() => directory.byId("operator")?.roles.push("commander")).toThrow(TypeError);
  });
});

describe("a role", () => {
  it.each<[Role[], Role[]]>([
    [["observer"], ["observer"]],
    [["operator"], ["observer", "operator"]],
    [["approver"], ["observer", "approver"]],
    [
      ["operator", "approver"],
      ["observer", "operator", "approver"],
    ],
    [["commander"], ["observer", "operator", "approver", "commander"]],
    [[], []],
  ])("%j may act as %j", (listed, expected) => {
    const all: Role[] = ["observer", "operator", "approver", "commander"];
    expect(all.filter((role) => hasRole({ roles: listed }, role))).toEqual(expected);
  });
});

describe("the people file", () => {
  const problemsOf = (text: string) =>
    peopleFile
      .check(text, "people.yaml")
      .problems.map(({ line, column, message, hint }) => `${line}:${column} ${message}. ${hint}`);

  it("gives people with what it does not say filled in", () => {
    const { settings } = peopleFile.check(
      "people: [{ id: operator, name: Operator, roles: [operator] }]",
      "people.yaml",
    );
    expect(settings?.people).toEqual([
      { id: "operator", name: "Operator", roles: ["operator"], tokens: [], identities: {} },
    ]);
  });

  it("is refused with every mistake at once", () => {
    const token = sha256("one");
    const text = `people:
  - id: operator
    name: Operator
    roles: [operater]
    tokens: [{ sha256: ${token}, created: 2030-01-01T00:00:00Z }]
    identities: { slack: U1 }
  - id: operator
    name: Somebody
    roles: []
    tokens: [{ sha256: ${token}, created: yesterday }]
    identities: { slack: U1 }
  - { id: Approver 1, name: Approver, role: [approver] }
`;
    expect(problemsOf(text)).toEqual([
      '4:13 roles[0] must be one of observer, operator, approver, commander, not "operater". Did you mean operator? What this person may do.',
      "7:9 the id operator is used twice. Approvals count by id: give every person an own one.",
      "9:12 roles must have at least 1 entry. What this person may do.",
      "10:24 this token is listed twice. Nobody could tell who asks: give every person a token of their own.",
      "10:99 created must be a moment. As in 2030-01-31T09:00:00Z.",
      "11:26 slack U1 is linked twice. One account stands for one person.",
      "12:5 roles is missing. What this person may do.",
      "12:11 id must be lower-case letters, digits, dots and dashes. The name in the journal; it is never given to somebody else.",
      "12:39 the key role is not known in people[2]. Did you mean roles?",
    ]);
  });

  it("never repeats what may be a token in clear", () => {
    const text =
      "people: [{ id: a, name: A, roles: [observer], tokens: [{ sha256: hunter2, created: 2030-01-01T00:00:00Z }] }]";
    const said = problemsOf(text).join();
    expect(said).toContain("sha256 must be the SHA-256 of the token: 64 digits and letters a to f");
    expect(said).not.toContain("hunter2");
  });

  it.each(["", "people: []", "people: nobody", "- a", "a: [", "people: [1]"])(
    "is refused when it names nobody: %j",
    (text) => {
      const { settings, problems } = peopleFile.check(text, "people.yaml");
      expect(settings).toBeUndefined();
      expect(problems.length).toBeGreaterThan(0);
    },
  );

  it("is read from disk, and its absence is said plainly", async () => {
    const folder = mkdtempSync(join(tmpdir(), "muster-people-"));
    const path = join(folder, "people.yaml");
    writeFileSync(path, "people: [{ id: observer, name: Observer, roles: [observer] }]");
    expect(await loadPeople(path)).toHaveLength(1);
    writeFileSync(path, "people: []");
    await expect(loadPeople(path)).rejects.toMatchObject({ code: "config-invalid", summary: `${path} has 1 problem.` });
    rmSync(folder, { recursive: true });
    await expect(loadPeople(path)).rejects.toMatchObject({ summary: `There is no people file ${path}.` });
  });
});

describe("a quorum", () => {
  const base = makePlan({ failover: { steps: [makeStep("one")] } });
  const withQuorum = (quorum: number, approval: "required" | "automatic" = "required"): Plan => {
    const failover = base.runbooks.failover!;
    return {
      ...base,
      runbooks: { failover: { ...failover, policy: { ...failover.policy, approval, quorum, roles: ["approver"] } } },
    };
  };
  const people = createDirectory([
    person("operator", ["operator"]),
    person("approver-1", ["approver"]),
    person("commander", ["commander"]),
  ]).list();

  it("can be reached by those who have the role", () => {
    expect(quorumProblems(withQuorum(2), people)).toEqual([]);
    expect(quorumProblems(withQuorum(9, "automatic"), people)).toEqual([]);
  });

  it("that nobody could ever reach is said before the night it is needed", () => {
    expect(quorumProblems(withQuorum(3), people)).toEqual([
      "failover needs 3 of approver to approve, and the people file has approver-1, commander.",
    ]);
    expect(quorumProblems(withQuorum(1), people.slice(0, 1))).toEqual([
      "failover needs 1 of approver to approve, and the people file has nobody.",
    ]);
  });
});
