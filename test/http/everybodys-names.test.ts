import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Command } from "../../src/commands/command.ts";
import { fieldsOf } from "../../src/commands/fields.ts";
import { tokenOf } from "../helpers/core.ts";
import { type Door, openDoor } from "../helpers/door.ts";
import { commander, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

/** What every object has, whatever was put into it; the others are functions like the first. */
const NAMES = ["constructor", "__proto__"];

let muster: TestMuster;
let door: Door;

beforeEach(async () => {
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
  door = await openDoor(muster.core, { directory: muster.people, rateLimit: { perSecond: 10_000, burst: 10_000 } });
});

afterEach(async () => {
  await door.close();
  await muster.stop();
});

/** Every text field with the name in turn, the other fields that must be there with a text that fits. */
function inputs(command: Command, name: string): Record<string, unknown>[] {
  const fields = fieldsOf(command).filter(({ type }) => type === "string");
  const needed = Object.fromEntries(fields.filter(({ required }) => required).map((field) => [field.name, "x"]));
  return [...fields.map((field) => ({ ...needed, [field.name]: name })), mapped(needed, name)];
}
const mapped = (record: object, name: string) => Object.fromEntries(Object.keys(record).map((key) => [key, name]));

const get = async (path: string) =>
  (await fetch(`${door.url}${path}`, { headers: { authorization: `Bearer ${tokenOf("commander")}` } })).status;

describe("a name that every object has", () => {
  it("is in no command the id of anything: nothing breaks, and what people see goes on", async () => {
    // While an incident is open, every command has something that it could be about.
    await muster.verdict("us-east-1", "down");
    await muster.core.incidents.note("seen", commander);
    const broken: string[] = [];
    for (const command of commands) {
      for (const input of NAMES.flatMap((name) => inputs(command, name))) {
        const { status } = await door.call(command.name.replaceAll(" ", "-"), input, tokenOf("commander"));
        if (status >= 500) broken.push(`${command.name} ${JSON.stringify(input)}: ${status}`);
      }
    }
    expect(broken).toEqual([]);
    const { runs, approvals, incidents, people } = await muster.journal.load();
    expect([runs, approvals, incidents, people.tokens].flatMap(Object.keys).filter((id) => NAMES.includes(id))).toEqual(
      [],
    );
    expect((await door.call("status", {}, tokenOf("commander"))).status).toBe(200);
  });

  it("is no run and no incident to whoever reads", async () => {
    for (const name of NAMES) {
      const paths = [`/api/v1/runs/${name}`, `/api/v1/incidents/${name}`, `/events/${name}`, `/static/${name}`];
      expect(await Promise.all(paths.map(get)), name).toEqual([404, 404, 404, 404]);
    }
  });

  it("is passed over in a journal that took one before: nothing begins to exist by it", async () => {
    const runId = "constructor";
    const by = { actor: "operator" };
    const incidentId = "constructor";
    await muster.say(
      { key: "run/constructor/paused/0", kind: "run.paused", ...by, data: { runId, reason: "x" } },
      { key: "run/constructor/resumed/0", kind: "run.resumed", ...by, data: { runId } },
      { key: "incident/constructor/resolved", kind: "incident.resolved", ...by, data: { incidentId, reason: "x" } },
      {
        key: "approval/constructor/operator",
        kind: "approval.decided",
        ...by,
        data: { approvalId: "constructor", runId, decision: "deny", accepted: [] },
      },
    );
    const { runs, approvals, incidents } = await muster.journal.load();
    expect([runs, approvals, incidents].flatMap(Object.keys)).toEqual([]);
    for (const command of ["status", "runs", "pending", "timeline", "summary"])
      expect([command, (await door.call(command, {}, tokenOf("commander"))).status]).toEqual([command, 200]);
    expect(await get("/")).toBe(200);
  });
});
