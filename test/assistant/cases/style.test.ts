import { describe, expect, it } from "vitest";
import { checkClaim } from "../../../src/assistant/check.ts";
import { publicTextFaults } from "../../../src/comms/public-text.ts";
import type { PublicFacts } from "../../../src/comms/words.ts";
import { renderDocuments } from "../../../src/reports/write.ts";
import { CASES, type Case, caseWorld } from "../../helpers/assistant-cases.ts";
import { wholeNight } from "../../helpers/incident.ts";

const story = wholeNight();
const { context, id, claim } = caseWorld(story);
const [opened, completed] = [id("incident.opened"), id("run.completed")];
const codes = (text: string, event: string) => checkClaim(claim(text, [event]), context).map(({ code }) => code);

const publicFacts: PublicFacts = {
  services: "Question answering",
  unreachable: true,
  again: false,
  started: false,
  elsewhere: false,
  normal: false,
  since: "02:15 UTC",
  until: null,
  region: null,
  place: null,
  addedLatency: null,
  eta: null,
  basis: null,
};

const cases = {
  "a person blamed": () =>
    expect(codes("The incident was opened late, as operator forgot it.", opened)).toContain("person"),
  "disguised blame": () =>
    expect(codes("The warning was overlooked before the incident was opened.", opened)).toContain("person"),
  "language switch": () =>
    expect(codes("Der Ausfall wurde schnell bemerkt und dann behoben worden.", opened)).toContain("language"),
  "over-long": () => expect(codes(`The incident was opened ${"and ".repeat(120)}`, opened)).toContain("too-long"),
  "empty section": () => {
    const told = wholeNight();
    const head = { seq: told.events().at(-1)?.seq ?? 0, hash: "0".repeat(64) };
    const said = {
      section: "summary",
      kind: "fact" as const,
      text: "The failover completed.",
      refs: [Number(completed.slice(1))],
      by: "model" as const,
    };
    const made = { model: "m", endpoint: "e", prompt: "postmortem@2", requests: 1, tokens: { input: 1, output: 1 } };
    told.emit(
      "report.drafted",
      { incidentId: "inc-1", document: "postmortem", asOf: head, ...made, statements: [said], dropped: [] },
      "system:reporter",
    );
    const text = renderDocuments(told.input()).find(({ name }) => name === "postmortem.md")?.text ?? "";
    expect(text).toContain("As a model tells it");
    // A lead with nothing behind it would be read as a mistake.
    for (const lead of ["Noted by a model", "as a model supposes", "Suggested by a model"])
      expect(text).not.toContain(lead);
  },
  "internal host names in public text": () => {
    const judged = (text: string) =>
      publicTextFaults(text, "investigating", publicFacts, context).map(({ code }) => code);
    expect(judged("{{services}} has been failing since {{since}}.")).toEqual([]);
    expect(judged("{{services}} has been failing at edge.internal.example.")).toContain("internal");
    expect(judged("{{services}} has been failing in us-east-1.")).toContain("literal-name");
  },
  "hypothesis as fact": () =>
    expect(codes("The disk was probably full when the failover completed.", completed)).toContain("hedged-fact"),
} satisfies Record<Case<"style">, () => void>;

describe("style", () => {
  it.each(Object.entries(cases))("%s: nobody reads it", (_, holds) => holds());

  it("has each of its cases", () => {
    expect(Object.keys(cases).toSorted()).toEqual([...CASES.style].toSorted());
  });
});
