import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { EXIT_TEXTS } from "../../src/cli/exit-codes.ts";
import { tokenOf } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { dr, labDirectory } from "./run.ts";

const lab = labDirectory();
const empty = mkdtempSync(join(tmpdir(), "muster-none-"));
afterAll(() => {
  for (const directory of [lab, empty]) rmSync(directory, { recursive: true });
});

describe("an answer", () => {
  it("is a card for people and data for programs", async () => {
    const core = await scenes.calm();
    const people = await dr(["status"], core);
    expect(people).toMatchObject({ code: 0, err: "" });
    expect(people.out).toContain("all well; served from us-east-1");
    const programs = await dr(["status", "--json"], core);
    expect(JSON.parse(programs.out)).toMatchObject({ active: "us-east-1", regions: [{ code: "us-east-1" }, {}] });
  });

  it("shows buttons as the commands that one types", async () => {
    const { out } = await dr(["pending"], await scenes.pending(), { env: { MUSTER_TOKEN: tokenOf("approver-2") } });
    expect(out).toContain("dr approve approval-1 --accept fence:fence-source");
    expect(out).toContain('dr deny approval-1 --reason "…"');
  });

  it("takes a note of many words without quotes", async () => {
    const core = await scenes.detected();
    expect((await dr(["note", "redis", "is", "back"], core)).code).toBe(0);
    expect(core.current().incidents["incident-1"]?.notes[0]?.text).toBe("redis is back");
  });
});

describe("the exit code", () => {
  it.each([
    ["a wrong verb", ["statsu"], 2, /Did you mean "status"/],
    ["a missing argument", ["failover"], 2, /Usage: failover <region>/],
    ["a flag without its value", ["status", "--as"], 2, /--as needs a value/],
    ["an unknown flag", ["status", "--colour"], 2, /no flag --colour/],
    ["--watch where there is nothing to watch", ["pending", "--watch"], 2, /--watch does nothing/],
    ["--follow elsewhere", ["status", "--follow"], 2, /journal/],
    ["a server's address that is none", ["status", "--url", "nonsense"], 2, /not a server's address/],
    ["an unknown region", ["failover", "mars"], 1, /us-east-1, eu-central/],
    ["the active region", ["failover", "us-east-1"], 1, /active region/],
    ["an unknown run", ["why", "run-9"], 1, /no run "run-9"/],
    ["a missing role", ["approve", "approval-1"], 4, /approver-1, approver-2, commander/],
  ])("after %s", async (_, argv, code, words) => {
    const result = await dr(argv, await scenes.calm());
    expect({ code: result.code, out: result.out }).toEqual({ code, out: "" });
    expect(result.err).toMatch(words);
  });

  it("says that the server is not running and how to start it", async () => {
    const { code, err } = await dr(["status"]);
    expect(code).toBe(3);
    expect(err).toContain("Muster is not running at http://127.0.0.1:4646");
    expect(err).toContain("npm start");
  });

  it("looks where the environment and --url say", async () => {
    const env = { MUSTER_TOKEN: "t", MUSTER_PORT: "5000" };
    expect((await dr(["status"], undefined, { env })).err).toContain("http://127.0.0.1:5000");
    const both = { ...env, MUSTER_URL: "http://muster.example" };
    expect((await dr(["status"], undefined, { env: both })).err).toContain("at http://muster.example.");
    expect((await dr(["status", "--url=http://127.0.0.1:1"], undefined, { env: both })).err).toContain(
      "at http://127.0.0.1:1.",
    );
  });

  it("says so when something else answers there", async () => {
    const other = (async () => new Response("<html>hello</html>", { status: 404 })) as typeof fetch;
    const { code, err } = await dr(["status"], undefined, { fetch: other });
    expect(code).toBe(3);
    expect(err).toContain("Is it Muster");
  });

  it("tells a broken journal from a whole one", async () => {
    const core = await scenes.calm();
    expect((await dr(["audit", "verify"], core)).code).toBe(0);
    core.badSeq = 3;
    const broken = await dr(["audit", "verify"], core);
    expect(broken.code).toBe(6);
    expect(broken.out).toContain("BROKEN at event 3");
    expect((await dr(["audit", "verify", "--json"], core)).code).toBe(6);
  });

  it("comes with the error as JSON for programs", async () => {
    const { code, out } = await dr(["failover", "mars", "--json"], await scenes.calm());
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "unknown-region" } });
  });
});

describe("who one is", () => {
  it("is chosen with --as from the lab's file", async () => {
    const core = await scenes.pending();
    const env = { MUSTER_DATA: lab };
    expect((await dr(["approve", "approval-1", "--accept-all", "--as", "approver-2"], core, { env })).code).toBe(0);
    expect(core.current().approvals["approval-1"]?.decisions.at(-1)?.principal).toBe("approver-2");
  });

  it("is the lab's operator when nothing is said, which is said", async () => {
    const { code, err } = await dr(["status"], await scenes.calm(), { env: { MUSTER_DATA: lab } });
    expect(code).toBe(0);
    expect(err).toContain("As operator of the lab");
  });

  it("is never guessed", async () => {
    const core = await scenes.calm();
    const unknown = await dr(["status", "--as", "nobody"], core, { env: { MUSTER_DATA: lab } });
    expect(unknown.code).toBe(4);
    expect(unknown.err).toContain("Known: operator, approver-1");
    const noLab = await dr(["status", "--as", "operator"], core, { env: { MUSTER_DATA: empty, MUSTER_TOKEN: "x" } });
    expect(noLab.code).toBe(4);
    expect(noLab.err).toContain("There is no lab here");
    const nothing = await dr(["status"], core, { env: { MUSTER_DATA: empty } });
    expect(nothing.code).toBe(4);
    expect(nothing.err).toContain("MUSTER_TOKEN");
    expect((await dr(["status"], core, { env: { MUSTER_TOKEN: "wrong" } })).code).toBe(4);
  });

  it("is not a stack trace when the lab's file is damaged", async () => {
    const damaged = mkdtempSync(join(tmpdir(), "muster-damaged-"));
    mkdirSync(join(damaged, "lab"));
    writeFileSync(join(damaged, "lab", "tokens.json"), "{");
    const { code, err } = await dr(["status"], await scenes.calm(), { env: { MUSTER_DATA: damaged } });
    rmSync(damaged, { recursive: true });
    expect(code).toBe(1);
    expect(err).toContain("cannot be read");
    expect(err).not.toContain(" at ");
  });
});

it("sends what was typed, and not what the schema made of it, which the server would not know again", async () => {
  const core = await scenes.calm();
  const { code, out } = await dr(["lock", "--reason", "a migration is under way", "--for", "2h"], core);
  expect(code).toBe(0);
  const { since, until } = core.current().lock!;
  expect(Date.parse(until!) - Date.parse(since)).toBe(7_200_000);
  expect(out).toContain("a migration is under way");
});

it("tells its version without a server", async () => {
  expect(await dr(["--version"], undefined, { version: () => "1.2.3" })).toMatchObject({ code: 0, out: "1.2.3\n" });
});

describe("help", () => {
  it("needs no server and no token, and lists every command, flag and exit code", async () => {
    for (const argv of [["help"], [], ["--help"]]) {
      const { code, out } = await dr(argv, undefined, { env: {} });
      expect(code).toBe(0);
      for (const { name } of commands) expect(out).toContain(name);
      for (const words of [
        "--as <principal>",
        "--watch",
        "--data <dir>",
        "import <file>",
        ...EXIT_TEXTS.map(([, text]) => text),
      ])
        expect(out).toContain(words);
    }
  });

  it("explains one command", async () => {
    for (const argv of [
      ["help", "skip"],
      ["skip", "--help"],
      ["help", "audit", "verify"],
    ]) {
      const { code, out } = await dr(argv);
      expect(code).toBe(0);
      expect(out).toMatch(/Usage +(skip <run> <step> --reason <text>|audit verify)/);
    }
    expect((await dr(["help", "skp"])).code).toBe(2);
    for (const verb of ["backup", "restore", "import"])
      expect(await dr(["help", verb])).toMatchObject({ code: 0, out: expect.stringContaining(`${verb} <file>`) });
  });
});

describe("without a server", () => {
  const openOffline = async (directory: string) => {
    const core = directory === "damaged" ? await scenes.calm() : await scenes.running();
    return { core, close: async () => closed.push(directory) as unknown as undefined };
  };
  const closed: string[] = [];

  it.each([
    ["status"],
    ["summary"],
    ["runs"],
    ["run", "run-1"],
    ["why", "run-1"],
    ["pending"],
    ["timeline"],
    ["journal"],
    ["audit", "verify"],
  ])("reads %s %s", async (...words) => {
    const { code, out, err } = await dr([...words.filter(Boolean), "--data", "here"], undefined, {
      openOffline,
      env: {},
    });
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(20);
    expect(out).not.toContain("Next:");
    expect(err).toContain("nothing newer than its last event is known");
    expect(closed.pop()).toBe("here");
  });

  it.each([["failover", "eu-central"], ["readiness"], ["note", "hello"], ["status", "--watch"]])(
    "does not do %s",
    async (...words) => {
      const { code, err } = await dr([...words.filter(Boolean), "--data", "here"], undefined, { openOffline, env: {} });
      expect(code).toBe(2);
      expect(err).toMatch(/server/);
    },
  );

  it("does not say in the present what only the journal knows", async () => {
    const calm = async () => ({ core: await scenes.calm(), close: async () => {} });
    const title = async (...words: string[]) => {
      const { out } = await dr([...words, "--data", "here"], undefined, { openOffline: calm, env: {} });
      return out.split("\n")[0];
    };
    const known = /^· Last known \(event \d+, \d\d:\d\d:\d\d UTC, \d+ s ago\): /;
    expect(await title("status")).toMatch(new RegExp(`${known.source}genai-api: all well`));
    expect(await title("pending")).toMatch(new RegExp(`${known.source}Nothing waits for a decision`));
    expect(await title("timeline")).not.toMatch(known);
  });

  it("closes the journal after an error too", async () => {
    expect((await dr(["why", "run-9", "--data", "there"], undefined, { openOffline, env: {} })).code).toBe(1);
    expect(closed.pop()).toBe("there");
  });
});
