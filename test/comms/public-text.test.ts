import { describe, expect, it } from "vitest";
import { wordingFor } from "../../lab/model/wording.ts";
import { type Stage, stages } from "../../src/comms/events.ts";
import { publicTextFaults, shownFacts, writePublicText } from "../../src/comms/public-text.ts";
import type { PublicFacts } from "../../src/comms/words.ts";

const facts: PublicFacts = {
  services: "Question answering",
  unreachable: true,
  again: false,
  started: true,
  elsewhere: true,
  normal: true,
  since: "02:15 UTC",
  until: "02:20 UTC",
  region: "North America",
  place: "Europe",
  addedLatency: "90 ms",
  eta: "02:30 UTC",
  basis: "how long this work usually takes",
};
const context = {
  names: ["us-east-1", "eu-central", "sessions", "genai-api", "US East (N. Virginia)"],
  people: ["operator", "commander"],
};
const codes = (text: string, stage: Stage = "identified", change: Partial<PublicFacts> = {}) =>
  publicTextFaults(text, stage, { ...facts, ...change }, context).map(({ code }) => code);

describe("a wording for the public", () => {
  it.each<[Stage, string]>([
    ["investigating", "Requests of {{services}} have been failing since {{since}}, and we are looking into it."],
    ["identified", "We have found what is wrong. {{services}} has been unavailable since {{since}}."],
    ["identified", "{{services}}: going by {{basis}}, we expect requests to be taken again at about {{eta}}."],
    ["degraded", "{{services}} is available again from {{place}}, and answers may take about {{addedLatency}} longer."],
    ["monitoring", "{{services}} answers requests again. We cannot say yet when everything is as usual."],
    ["resolved", "This incident is resolved, and {{services}} is back to normal."],
  ])("passes when it says what the stage says: %s: %s", (stage, text) => {
    expect(publicTextFaults(text, stage, facts, context)).toEqual([]);
  });

  it("is written out by code", () => {
    expect(writePublicText("{{services}} answers from {{ place }}.", facts)).toBe(
      "Question answering answers from Europe.",
    );
    expect(() => writePublicText("{{until}}", { ...facts, until: null })).toThrow("has passed the check");
  });

  it.each<[string, string, string]>([
    ["a region's internal name", "literal-name", "{{services}} has been failing in us-east-1."],
    ["an internal name of a store", "literal-name", "{{services}} has been failing with sessions."],
    ["an internal host", "internal", "{{services}} has been failing at api.internal."],
    ["how it is built", "internal", "{{services}} has been failing with Redis."],
    ["how it is run", "internal", "The failover of {{services}} has started."],
    ["a time of its own", "literal-value", "{{services}} has been failing since 02:15 UTC."],
    ["a number in words", "literal-value", "{{services}} has been failing for ten minutes."],
    ["a promise", "promise", "{{services}} has been failing, and that is never again to be."],
    ["a promise of soon", "future", "{{services}} will be back."],
    ["an estimate without its basis", "future", "We expect {{services}} again at {{eta}}."],
    ["a cause", "cause", "{{services}} has been failing because of a provider."],
    ["a hypothesis as a fact", "hedged-fact", "{{services}} has possibly been failing."],
    ["what is not so yet", "status", "{{services}} is resolved."],
    ["a status turned round", "status", "{{services}} is available."],
    ["a negation", "negation", "Nothing of {{services}} has been failing."],
    ["a loss of data", "internal", "{{services}} has been failing, and no data was lost."],
    ["an attack that nobody has seen", "internal", "{{services}} has been failing in an attack."],
    ["over-long", "too-long", `{{services}} has been failing${" and failing".repeat(60)}.`],
    [
      "another language",
      "language",
      "{{services}}: Anfragen schlagen derzeit fehl, wir arbeiten an einer Lösung des Problems.",
    ],
    ["nothing", "empty", "  "],
    ["no service", "no-event", "Requests have been failing."],
    ["an unknown reference", "unknown-reference", "{{services}} has been failing in {{cluster}}."],
    ["braces that are no reference", "unknown-reference", "{{services}} has been failing {{since since}}."],
    ["a link", "link", "{{services}} has been failing, see https://evil.example"],
    ["an image", "link", "{{services}} has been failing ![x](y)"],
    ["a mention", "mention", "{{services}} has been failing @everyone"],
    ["a secret", "secret", "{{services}} has been failing with AKIAABCDEFGHIJKLMNOP."],
    ["a person", "person", "{{services}} has been failing, as commander saw."],
    ["blame", "person", "{{services}} has been failing after a mistake."],
    ["hidden text", "hidden-text", "{{services}} has been fail\u200bing."],
  ])("is refused: %s", (_, code, text) => {
    expect(codes(text)).toContain(code);
  });

  it("refers to nothing that is not known now", () => {
    expect(codes("{{services}} has been failing since {{since}}.", "identified", { since: null })).toContain(
      "unknown-reference",
    );
    expect(shownFacts({ ...facts, eta: null, basis: null }).map(({ name }) => name)).not.toContain("eta");
  });

  it("does not say that something is unavailable of which only some requests fail", () => {
    expect(codes("{{services}} is unavailable.", "investigating", { unreachable: false })).toContain("status");
  });

  it.each(stages)("as the lab's model writes it passes: %s", (stage) => {
    const shown = shownFacts(facts).map(({ name, value }) => `${name}: ${value}`);
    const text = wordingFor([`Stage: ${stage}`, ...shown].join("\n")) ?? "";
    expect(publicTextFaults(text, stage, facts, context)).toEqual([]);
  });
});
