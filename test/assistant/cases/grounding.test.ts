import { describe, expect, it } from "vitest";
import { checkClaim } from "../../../src/assistant/check.ts";
import type { Claim } from "../../../src/assistant/claims.ts";
import { factsOf } from "../../../src/assistant/facts.ts";
import type { FaultCode } from "../../../src/assistant/fault.ts";
import { statementsOf } from "../../../src/assistant/statements.ts";
import { taskOf } from "../../../src/assistant/task.ts";
import { renderDocuments } from "../../../src/reports/write.ts";
import { CASES, type Case, caseWorld } from "../../helpers/assistant-cases.ts";
import { failover, wholeNight } from "../../helpers/incident.ts";
import { dying } from "../../helpers/incident-oddities.ts";
import { createStory, EAST, type Story } from "../../helpers/story.ts";
import { assessLoss } from "../../helpers/story-moves.ts";

const story = wholeNight();
const { facts, context, find, id, claim } = caseWorld(story);
const [opened, proposed, completed] = [id("incident.opened"), id("run.proposed"), id("run.completed")];
const down = find(({ says }) => says.includes("down"));
const assessed = id("loss.assessed");
const asked = caseWorld(unknownLoss());
const codes = (one: Claim, within = context) => checkClaim(one, within).map(({ code }) => code);

function unknownLoss(): Story {
  const told = dying();
  const loss = { kind: "unknown" as const, reason: "the primary has not answered", at: told.now() };
  failover(told, { loss, ceilingSeconds: null });
  assessLoss(told, "run-1", "promote-target", loss, null);
  return told;
}

/** A story that begins at a moment of one's choice and lasts ten minutes. */
function storyFrom(at: string): Story {
  const told = createStory();
  told.advance(Date.parse(at) - Date.parse(told.now()));
  told.emit(
    "incident.opened",
    {
      incidentId: "inc-1",
      title: "it is slow",
      severity: "sev2",
      region: EAST,
      openedBy: "person",
      startedAt: told.now(),
    },
    "operator",
  );
  told.advance(600_000);
  told.emit("incident.resolved", { incidentId: "inc-1", reason: "it is well again" }, "operator");
  return told;
}

function told(of: Story, text: (from: string, to: string) => string): string | undefined {
  const world = caseWorld(of);
  const [from, to] = [world.id("incident.opened"), world.id("incident.resolved")];
  const one = { ...world.claim(text(from, to), [from, to]), id: "c1" };
  expect(checkClaim(one, world.context)).toEqual([]);
  return statementsOf(taskOf(of.input()), [{ claim: one, by: "model" }]).find(({ by }) => by === "model")?.text;
}

const between = (from: string, to: string) =>
  `The incident was resolved at {{${to}.at}}, {{duration ${from} ${to}}} after it was opened.`;

/** A claim that must be refused, and for what. */
const refused = {
  "invented number": ["literal-value", claim("The failover completed after 42 attempts.", [completed])],
  "converted unit": [
    "literal-value",
    claim(`It took {{duration ${proposed} ${completed}}}, which is half a minute.`, [proposed, completed]),
  ],
  "wrong region": ["literal-name", claim("The region eu-central went down.", [down])],
  "from and to swapped": [
    "direction",
    claim(`A failover from {{${proposed}.target}} to {{${proposed}.source}} was proposed.`, [proposed]),
  ],
  "two times swapped": [
    "order",
    claim(`The failover completed {{duration ${completed} ${proposed}}} after it was proposed.`, [proposed, completed]),
  ],
  "local time as UTC": ["literal-value", claim("The incident was opened at 03:15 UTC.", [opened])],
  "wrong id that exists": ["status", claim("The failover completed.", [proposed])],
  "id that does not exist": ["unknown-event", claim("The failover completed.", ["e99999"])],
  "no ids": ["no-event", claim("The failover completed.", [])],
  "all ids cited": ["idle-event", claim("The failover completed.", [...facts.keys()])],
  "status flipped": ["status", claim("The failover failed.", [completed])],
  negation: ["negation", claim("The failover was not completed.", [completed])],
  "invented cause": ["cause", claim("The region went down because of a bad deployment.", [down])],
  "invented action": ["status", claim("The primary was restored by a restart.", [down])],
  "invented owner": ["owner", claim("This is assigned to the platform team.", [completed], "action")],
  "zero data loss with a lag above zero": ["status", claim("No data was lost.", [assessed])],
  "zero data loss with an unknown lag": ["status", asked.claim("No data was lost.", [asked.id("loss.assessed")])],
  "estimate without a basis": ["future", claim("The service will be home soon.", [completed])],
} satisfies Partial<Record<Case<"grounding">, [FaultCode, Claim]>>;

/** What is no claim, or must be right in the end. */
const others = {
  "change to summer time": () => {
    // Clocks in Frankfurt jump from 02:00 to 03:00 at 01:00 UTC; in UTC ten minutes are ten minutes.
    expect(told(storyFrom("2026-03-29T00:55:00.000Z"), between)).toBe(
      "The incident was resolved at 01:05:00 UTC, 10 m after it was opened.",
    );
  },
  midnight: () => {
    expect(told(storyFrom("2026-03-07T23:55:00.000Z"), between)).toBe(
      "The incident was resolved at 2026-03-08 00:05:00 UTC, 10 m after it was opened.",
    );
    expect(codes(claim("The incident was opened at midnight.", [opened]))).toContain("literal-value");
  },
  "milestone left out": () => {
    const statements = statementsOf(taskOf(story.input()), []);
    expect(statements.map(({ by }) => by)).toEqual(statements.map(() => "code"));
    expect(statements.map(({ text }) => text).join(" ")).toMatch(
      /opened.*proposed.*approval.*promotion.*completed.*resolved/s,
    );
  },
  "duplicate events": () => {
    const events = story.events();
    expect(factsOf([...events, ...events], story.state())).toEqual(factsOf(events, story.state()));
  },
  "late events": () => {
    const [first, ...rest] = story.events();
    expect(factsOf([...rest, ...(first ? [first] : [])], story.state())).toEqual(
      factsOf(story.events(), story.state()),
    );
  },
  "events out of order": () => {
    expect(factsOf(story.events().toReversed(), story.state())).toEqual(factsOf(story.events(), story.state()));
  },
  "empty log": () => {
    const task = { facts: [], omitted: 0, context: { facts: new Map(), names: [], people: [] }, heard: [] };
    expect(statementsOf(task, [])).toEqual([]);
    expect(codes(claim("The failover completed.", [completed]), task.context)).toContain("unknown-event");
  },
  "one event": () => {
    const one = dying();
    const task = taskOf(one.input());
    const statements = statementsOf(task, []);
    expect(statements.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^An incident of severity SEV1 was opened for us-east-1 at /),
    ]);
    expect(renderDocuments(one.input()).find(({ name }) => name === "postmortem.md")?.text).toContain(
      "No run was proposed",
    );
  },
  "sources that contradict each other": () => {
    const both = createStory();
    both.emit(
      "verdict.changed",
      { region: EAST, from: "unknown", to: "healthy", since: both.now(), evidence: [] },
      "system:detector",
    );
    both.emit("availability.changed", { service: "public", available: false, precisionMs: 1_000 }, "system:detector");
    both.emit(
      "incident.opened",
      {
        incidentId: "inc-1",
        title: "who is right",
        severity: "sev1",
        region: EAST,
        openedBy: "person",
        startedAt: both.now(),
      },
      "operator",
    );
    const world = caseWorld(both);
    const [probes, clients] = [world.id("verdict.changed"), world.id("availability.changed")];
    const judged = (text: string, ids: string[]) => codes(world.claim(text, ids), world.context);
    // Each may be told as what it is, and neither for the other.
    expect(judged(`The region {{${probes}.region}} was healthy.`, [probes])).toEqual([]);
    expect(judged(`{{${clients}.service}} was unavailable for clients.`, [clients])).toEqual([]);
    expect(judged(`{{${clients}.service}} was healthy.`, [clients])).toContain("status");
    expect(
      judged(`{{${probes}.region}} was healthy and {{${clients}.service}} was healthy.`, [probes, clients]),
    ).toContain("status");
  },
} satisfies Partial<Record<Case<"grounding">, () => void>>;

describe("grounding", () => {
  it.each(Object.entries(refused))("%s: the claim is refused", (_, [code, one]) => {
    expect(codes(one, one === refused["zero data loss with an unknown lag"][1] ? asked.context : context)).toContain(
      code,
    );
  });

  it.each(Object.entries(others))("%s: the document is right all the same", (_, holds) => holds());

  it("has each of its cases", () => {
    expect([...Object.keys(refused), ...Object.keys(others)].toSorted()).toEqual([...CASES.grounding].toSorted());
  });
});
