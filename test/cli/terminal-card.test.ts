import { rmSync } from "node:fs";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Card } from "../../src/cards/card.ts";
import { wrap } from "../../src/cli/layout.ts";
import { commandLine, terminalCard } from "../../src/cli/terminal-card.ts";
import { scenes } from "../helpers/scenes.ts";
import { dr, labDirectory } from "./run.ts";

const plain = { width: 60, colors: pc.createColors(false), commands };
const card = (more: Partial<Card>): Card => ({ title: "Title", status: "info", fallback: "Title", ...more });

describe("a card in a terminal", () => {
  it("fits the width, whatever is in it", () => {
    const long = "a sentence that is rather long and goes on for quite a while without saying much ".repeat(3);
    const text = terminalCard(
      card({
        title: long,
        facts: [{ label: "A label that is long too, in fact very long", value: long }],
        text: [long, "x".repeat(200)],
        table: {
          columns: ["One", "Two", "Three"],
          rows: [
            [long, "✓ done", long],
            ["short", "", "x".repeat(100)],
          ],
        },
        context: [long],
      }),
      plain,
    );
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(text.replace(/\s+/g, "")).toContain("x".repeat(60));
  });

  it("leaves out columns in which nothing stands", () => {
    const text = terminalCard(
      card({
        table: {
          columns: ["Step", "Detail"],
          rows: [
            ["a", ""],
            ["b", ""],
          ],
        },
      }),
      plain,
    );
    expect(text).not.toContain("Detail");
  });

  it("sets the cells of a table below each other where its columns would be too narrow to read", () => {
    const table = {
      columns: ["Step", "State", "Why and what was seen", "With"],
      rows: [
        ["Promote the session store in the target region", "✓ ready", "replica, link up, 138 kB", "region eu-central"],
        ["The public name answers again", "", "HTTP 200, three times in a row", "consecutive 3"],
      ],
    };
    const shown = (width: number) =>
      terminalCard(card({ table }), { ...plain, width })
        .split("\n")
        .slice(2);
    expect(shown(140)[1]).toMatch(/^Promote the session store in the target region {2}✓ ready/);
    expect(shown(50)).toEqual([
      "Promote the session store in the target region",
      "  State                  ✓ ready",
      "  Why and what was seen  replica, link up, 138 kB",
      "  With                   region eu-central",
      "",
      "The public name answers again",
      "  Why and what was seen  HTTP 200, three times in",
      "                         a row",
      "  With                   consecutive 3",
    ]);
  });

  it("cannot be steered by what others typed", () => {
    const hostile = "\u001b[2J\u001b]0;owned\u0007 ok \u202Egnp.exe\r\u009b31m";
    const shown = terminalCard(
      card({ title: hostile, facts: [{ label: "L", value: hostile }], text: [hostile] }),
      plain,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it("has colours only where somebody sees them", async () => {
    const core = await scenes.calm();
    const tty = { write: () => true, isTTY: true, columns: 100 };
    const shown = async (env: Record<string, string>, argv: string[] = []) => {
      let out = "";
      await dr(["status", ...argv], core, {
        env: { MUSTER_TOKEN: "token-of-operator", ...env },
        stdout: {
          ...tty,
          write: (text) => {
            out += text;
          },
        },
      });
      return out.includes("\u001b[");
    };
    expect(await shown({})).toBe(true);
    expect(await shown({ NO_COLOR: "1" })).toBe(false);
    expect(await shown({ TERM: "dumb" })).toBe(false);
    expect(await shown({}, ["--no-color"])).toBe(false);
    expect((await dr(["status"], core)).out).not.toContain("\u001b[");
  });

  it("writes a button as its command, quoted where it must be", () => {
    const button = { label: "", style: "default", confirm: "" } as const;
    const line = (command: string, input: object, ask?: string) =>
      commandLine(
        { ...button, command, input: { ...input }, ...(ask && { ask: { field: ask, label: "" } }) },
        commands,
      );
    expect(line("approve", { id: "a-1", accept: ["fence:x", "loss:y"] })).toBe(
      "approve a-1 --accept fence:x --accept loss:y",
    );
    expect(line("failover", { region: "eu central", dryRun: true })).toBe('failover "eu central" --dry-run');
    expect(line("skip", { run: "run-1", step: "s" }, "reason")).toBe('skip run-1 s --reason "…"');
    expect(line("handover", {}, "person")).toBe('handover "…"');
    expect(line("comms edit", { stage: "monitoring" }, "text")).toBe('comms edit monitoring "…"');
  });

  it("says what comes next so that it can be pasted: whole, and as the same person to the same server", async () => {
    const lab = labDirectory();
    const ask = async (env: Record<string, string>, columns: number) => {
      const out: string[] = [];
      const stdout = { columns, write: (text: string) => out.push(text) };
      const argv = ["pending", "--as", "approver-2", "--url", "http://127.0.0.1:5"];
      await dr(argv, await scenes.pending(), { env: { MUSTER_DATA: lab, ...env }, stdout });
      return out
        .join("")
        .split("\n")
        .filter((line) => line.includes(" deny "));
    };
    const tail = 'deny approval-1 --reason "…" --as approver-2 --url http://127.0.0.1:5';
    expect((await ask({}, 160))[0]).toMatch(new RegExp(`^ {2}dr ${tail.replaceAll(".", "\\.")} {2,}Deny$`));
    expect(await ask({ npm_lifecycle_event: "dr" }, 50)).toEqual([`    npm run dr -- ${tail}`]);
    rmSync(lab, { recursive: true });
  });
});

it("wraps between words and loses none", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("", 7)).toEqual([""]);
  expect(wrap("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
});
