import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { usageOf } from "../../src/commands/fields.ts";
import { parseText, parseWords } from "../../src/commands/parse.ts";
import { AppError } from "../../src/errors.ts";

const parse = (line: string) => {
  const { command, input } = parseText(commands, line);
  return { name: command.name, input };
};

const refusal = (line: string): AppError => {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error(`"${line}" was not refused`);
};

describe("what people type", () => {
  it("is the same with /dr, dr or nothing before it, in any case", () => {
    for (const line of ["/dr status", "dr status", "status", "  /DR   STATUS "])
      expect(parse(line).name).toBe("status");
  });

  it("reads positionals, flags in both forms, switches and repeated flags", () => {
    expect(parse('failover eu-central --reason "it is down" --dry-run').input).toEqual({
      region: "eu-central",
      reason: "it is down",
      dryRun: true,
    });
    expect(parse("failover --reason=a=b eu-central --dry-run=false").input).toEqual({
      region: "eu-central",
      reason: "a=b",
      dryRun: false,
    });
    expect(parse("approve approval-1 --accept fence:a --accept loss:b").input).toMatchObject({
      id: "approval-1",
      accept: ["fence:a", "loss:b"],
    });
    expect(parse("journal --limit 5 --after=3").input).toEqual({ limit: 5, after: 3 });
  });

  it("takes the dashes and quotes that phones make", () => {
    expect(parse("failover eu-central —reason “it’s down” —dry-run").input).toEqual({
      region: "eu-central",
      reason: "it’s down",
      dryRun: true,
    });
    expect(parse("approve approval-1 –accept-all").input).toMatchObject({ acceptAll: true });
  });

  it("keeps a note as it was typed: quotes, apostrophes, spaces, dashes, things that look like flags", () => {
    const text = `don't panic, he said "down"  twice — see --loglevel`;
    expect(parse(`/dr note ${text}`).input).toEqual({ text });
    expect(parse('note "all of it"').input).toEqual({ text: "all of it" });
  });

  it("keeps a text that follows a name as it was typed, too", () => {
    const text = `we know "what"  it is — see --loglevel`;
    expect(parse(`/dr comms edit identified ${text}`).input).toEqual({ stage: "identified", text });
    expect(parse(`handover approver-1 ${text}`).input).toEqual({ person: "approver-1", note: text });
    expect(parse("handover approver-1").input).toEqual({ person: "approver-1" });
  });

  it("knows two-word verbs, also with a hyphen", () => {
    expect(parse("audit verify").name).toBe("audit verify");
    expect(parse("/dr audit-verify").name).toBe("audit verify");
  });

  it("asks for help when there is nothing", () => {
    expect(parse("/dr").name).toBe("help");
    expect(parse("").name).toBe("help");
  });

  it("reads no flags after --", () => {
    expect(parseWords(commands, ["why", "--", "--odd-run"]).input).toEqual({ run: "--odd-run" });
  });
});

describe("what is refused, saying which field and how it is written", () => {
  it.each([
    ["statsu", "unknown-command", /status/],
    ["failovr eu-central", "unknown-command", /failover/],
    ["audit", "unknown-command", /audit verify/],
    ["xyzzy", "unknown-command", /help/],
    ["failover", "bad-input", /region is missing/],
    ["failover a b", "bad-input", /"b" is one word too many/],
    ["failover a --resaon x", "bad-input", /--reason/],
    ["failover a --reason", "bad-input", /--reason needs a value/],
    ["failover a --reason --dry-run", "bad-input", /--reason needs a value/],
    ["failover a --reason x --reason y", "bad-input", /given twice/],
    ["failover a --dry-run=maybe", "bad-input", /switch/],
    ["failover a --reason ''", "bad-input", /reason must not be empty/],
    ["journal --limit many", "bad-input", /--limit must be a number/],
    ["journal --limit 0", "bad-input", /limit is 0, at least 1\./],
    ["journal --limit 100000", "bad-input", /limit is 100000, at most 1000\./],
    ["comms post nothing", "bad-input", /stage must be one of investigating, .*monitoring or resolved\./],
    ["journal --limit 1.5", "bad-input", /limit/],
    ["journal --after -4", "bad-input", /after is -4, at least 0\./],
    ["deny approval-1", "bad-input", /reason is missing/],
    ["note", "bad-input", /text is missing/],
    [`note ${"x".repeat(2001)}`, "bad-input", /text is too long: 2001 characters, at most 2000/],
    [`abort run-1 --reason ${"x".repeat(501)}`, "bad-input", /reason is too long: 501 characters, at most 500/],
  ])("%s", (line, code, words) => {
    const error = refusal(line);
    expect(error.code).toBe(code);
    expect(`${error.summary} ${error.hint}`).toMatch(words);
  });

  it("shows the usage with every bad input", () => {
    expect(refusal("skip run-1 step-1").hint).toBe("Usage: skip <run> <step> --reason <text>");
  });

  it("never repeats more than a little of what it was given", () => {
    const error = refusal("x".repeat(5_000));
    expect(error.summary.length).toBeLessThan(120);
  });
});

it("derives the usage from the schema", () => {
  const usage = Object.fromEntries(commands.map((command) => [command.name, usageOf(command)]));
  expect(usage).toMatchObject({
    failover: "failover <region> [--reason <text>] [--break-glass] [--override-lock] [--dry-run]",
    approve: "approve <id> [--accept <text>…] [--accept-all]",
    timeline: "timeline [incident]",
    "audit verify": "audit verify",
    journal: "journal [--run <text>] [--kind <text>] [--after <number>] [--limit <number>]",
  });
});
