import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeEvent } from "../../src/events/describe.ts";
import { adoptPeople, watchPeopleFile } from "../../src/people/reload.ts";
import { sha256 } from "../../src/people/secret.ts";
import { dr } from "../cli/run.ts";
import { createFakeCore, tokenOf } from "../helpers/core.ts";
import { type Door, openDoor } from "../helpers/door.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan({ failover: { steps: [makeStep("a")] } });
const line = (id: string, role: string) =>
  `  - { id: ${id}, name: ${id}, roles: [${role}], tokens: [{ sha256: ${sha256(tokenOf(id))}, created: 2030-01-01T00:00:00Z }] }\n`;
const file = (...people: [id: string, role: string][]) =>
  `people:\n${people.map(([id, role]) => line(id, role)).join("")}`;
const everybody: [string, string][] = [
  ["operator", "operator"],
  ["approver-1", "approver"],
  ["approver-2", "approver"],
];

let directory: string;
let path: string;
let muster: TestMuster;
let door: Door;
let watch: ReturnType<typeof watchPeopleFile>;
let logged: { message: string; fields: object }[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "muster-reload-"));
  path = join(directory, "people.yaml");
  writeFileSync(path, file(...everybody));
  muster = startMuster(plan, createSwitchboard());
  logged = [];
  const log = (fields: object, message: string) => void logged.push({ fields, message });
  const logger = { info: log, warn: log, error: log };
  watch = watchPeopleFile({ path, roster: muster.roster, plan, journal: muster.journal, logger, lookEveryMs: 20 });
  await watch.reload();
  await adoptPeople({ roster: muster.roster, plan, journal: muster.journal, logger });
  door = await openDoor(muster.core, { directory: muster.people });
});

afterEach(async () => {
  await watch.stop();
  await door.close();
  await muster.stop();
  rmSync(directory, { recursive: true });
});

const statusOf = async (who: string) => (await door.call("status", {}, tokenOf(who))).status;
const changes = async () => (await muster.core.journal.query({ kind: "people" })).slice(1);

describe("the people file, while the server runs", () => {
  it("is read again when it changes, and the event says who is new, gone or other, and no hash", async () => {
    writeFileSync(path, file(["operator", "approver"], ["approver-1", "approver"], ["commander", "commander"]));
    await expect.poll(() => statusOf("commander")).toBe(200);
    expect(await statusOf("approver-2")).toBe(401);
    await expect.poll(changes).toMatchObject([
      {
        kind: "people.changed",
        data: {
          added: [{ id: "commander", roles: ["commander"] }],
          removed: [{ id: "approver-2", roles: ["approver"] }],
          changed: [{ id: "operator", from: ["operator"], to: ["approver"] }],
          others: [],
        },
      },
    ]);
    const [event] = await changes();
    expect(event?.text).not.toContain(sha256(tokenOf("operator")));
    expect(describeEvent(event!)).toBe(
      "The people file is in force: added commander (commander); removed approver-2 (approver); other roles operator operator → approver.",
    );
  });

  it("is noticed when an editor puts another file in its place", async () => {
    writeFileSync(`${path}.new`, file(...everybody, ["observer", "observer"]));
    renameSync(`${path}.new`, path);
    await expect.poll(() => statusOf("observer")).toBe(200);
  });

  it("tells that somebody's token is another one without telling which", async () => {
    writeFileSync(path, file(...everybody).replace(sha256(tokenOf("operator")), sha256("another")));
    await expect.poll(() => statusOf("operator")).toBe(401);
    await expect.poll(changes).toMatchObject([{ data: { added: [], removed: [], changed: [], others: ["operator"] } }]);
  });

  it("changes nothing when only its comments change", async () => {
    writeFileSync(path, `# read by nobody\n${file(...everybody)}`);
    await watch.reload();
    expect(await changes()).toEqual([]);
  });

  it.each([
    ["with a mistake", file(["operator", "operater"]), "operater"],
    ["that is not YAML", "people: [", "1 problem"],
    ["that is empty", "", "problem"],
    ["with nobody in it", "people: []\n", "people"],
  ])("is refused %s: the old one stays in force, status and log say why", async (_, text, said) => {
    writeFileSync(path, text);
    await expect.poll(async () => (await changes()).length).toBe(1);
    expect(await statusOf("operator")).toBe(200);
    const { body } = await door.call("status", {}, tokenOf("operator"));
    const problem = (body.data as { peopleProblem: { summary: string; problems: string[] } }).peopleProblem;
    expect(JSON.stringify(problem)).toContain(said);
    expect(JSON.stringify(body.card)).toContain("the one before stays in force");
    expect(JSON.stringify(logged)).toContain(said);
    await watch.reload();
    expect(await changes(), "the same fault again is no news").toHaveLength(1);
    writeFileSync(path, file(...everybody));
    await expect.poll(async () => (await muster.core.state()).people.problem).toBeUndefined();
  });

  it("stays in force when it is deleted", async () => {
    rmSync(path);
    await expect.poll(async () => (await changes())[0]?.kind).toBe("people.file-refused");
    expect(await statusOf("operator")).toBe(200);
  });

  it("says when an approval could not be given any more", async () => {
    writeFileSync(path, file(["operator", "operator"], ["approver-1", "approver"]));
    await expect.poll(() => JSON.stringify(logged)).toContain("failover needs 2 of approver or commander");
  });

  it("counts a decision by the role that was held when it was made, and takes no further one", async () => {
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await door.call("failover", { region: "west" }, tokenOf("operator"));
    await door.call("approve", { id: "ap-1" }, tokenOf("approver-1"));
    writeFileSync(path, file(["operator", "operator"], ["approver-1", "observer"], ["approver-2", "observer"]));
    await watch.reload();
    expect((await door.call("approve", { id: "ap-1" }, tokenOf("approver-2"))).body.code).toBe("not-allowed");
    const { approvals } = await muster.core.state();
    expect(approvals["ap-1"]).toMatchObject({ phase: "pending", decisions: [{ principal: "approver-1" }] });
  });

  it("tells at the next start what changed while no server ran", async () => {
    const changed = everybody.map(([id, role]) => ({
      id,
      name: id,
      roles: [role as "operator"],
      tokens: [],
      identities: {},
    }));
    muster.roster.replace(changed.slice(0, 2));
    const logger = { info() {}, warn() {}, error() {} };
    await adoptPeople({ roster: muster.roster, plan, journal: muster.journal, logger });
    expect(await changes()).toMatchObject([{ data: { removed: [{ id: "approver-2" }] } }]);
    await adoptPeople({ roster: muster.roster, plan, journal: muster.journal, logger });
    expect(await changes()).toHaveLength(1);
  });
});

it("shows a refused file in `dr status`", async () => {
  const core = createFakeCore();
  core.emit("people.file-refused", {
    summary: "people.yaml has 1 problem.",
    problems: ["people.yaml:4:13 roles is missing."],
  });
  const { out } = await dr(["status"], core);
  expect(out.replaceAll(/\s+/g, " ")).toMatch(
    /People file refused at .*stays in force: people.yaml has 1 problem; people.yaml:4:13 roles is missing/,
  );
});
