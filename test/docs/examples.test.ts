import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseDocument } from "yaml";
import { createAdapters } from "../../adapters/index.ts";
import { commands } from "../../commands/index.ts";
import { FILE_VERBS } from "../../src/cli/backup.ts";
import { readFlags } from "../../src/cli/flags.ts";
import { USAGE } from "../../src/cli/usage.ts";
import { findCommand, parseWords } from "../../src/commands/parse.ts";
import { splitWords } from "../../src/commands/words.ts";
import { loadPeople } from "../../src/people/people.ts";
import { loadPlan } from "../../src/plans/load.ts";
import { readText, root } from "../architecture/sources.ts";
import { manual, page } from "./documents.ts";

/** Whole lines of a shell, and what is said in a sentence, which may be cut short. */
const shown = manual.flatMap(({ file, lines }) =>
  lines.map(({ line }) => ({ file, line: line.replace(/\s+#.*$/, "").trim() })),
);
const said = manual.flatMap(({ file, quoted }) => quoted.map((line) => ({ file, line })));

/** `<a place>` stands for one word; where the verb itself is left open there is nothing to check. */
const DR = /^(?:npm run (?:-s )?dr -- |\/?dr )(?!<verb>|…)(.*)$/;
const OWN_VERBS = FILE_VERBS.map(([usage]) => usage.split(" ")[0]);

function problemOf(line: string, read: (words: string[]) => unknown): string | undefined {
  try {
    const { words, flags } = readFlags(splitWords((DR.exec(line)?.[1] ?? "").replaceAll(/<[^>]+>/g, "a-place")));
    if (OWN_VERBS.includes(words[0]) || flags.offline || words.length === 0) return undefined;
    read(words);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function wrong(examples: typeof shown, read: (words: string[]) => unknown) {
  return examples
    .filter(({ line }) => DR.test(line))
    .map((one) => ({ ...one, problem: problemOf(one.line, read) }))
    .filter(({ problem }) => problem !== undefined);
}

describe("the commands of the documentation", () => {
  it("are taken as they stand, in a block", () => {
    expect(shown.filter(({ line }) => DR.test(line)).length).toBeGreaterThan(30);
    expect(wrong(shown, (words) => parseWords(commands, words))).toEqual([]);
  });

  it("are there, in a sentence", () => {
    expect(said.filter(({ line }) => DR.test(line)).length).toBeGreaterThan(20);
    expect(wrong(said, (words) => findCommand(commands, words))).toEqual([]);
  });

  it("ask the lab for what it does", () => {
    const verbs = [...shown, ...said].flatMap(({ line }) => /^npm run lab -- (?!<)(\S+)/.exec(line)?.[1] ?? []);
    expect(verbs.length).toBeGreaterThan(1);
    expect(verbs.filter((verb) => !new RegExp(`\\b${verb}\\b`).test(USAGE.lab))).toEqual([]);
  });

  it("have no flag that their program does not know", () => {
    const calls = [...shown, ...said].flatMap(({ file, line }) => {
      const [, run = "", rest = ""] = /^npm (?:run )?([\w:-]+) -- (.*)$/.exec(line) ?? [];
      return run === "dr" ? [] : [...rest.matchAll(/--[\w-]+/g)].map(([flag]) => ({ file, run, flag }));
    });
    const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
    const textOf = (run: string) =>
      Object.hasOwn(USAGE, run)
        ? USAGE[run as keyof typeof USAGE]
        : readText(/node (\S+\.ts)/.exec(scripts[run] ?? "")?.[1] ?? "package.json");
    const isKnown = ({ run, flag }: (typeof calls)[number]) =>
      textOf(run).includes(flag) || new RegExp(`\\b${flag.slice(2)}: \\{ type`).test(textOf(run));
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter((call) => !isKnown(call))).toEqual([]);
  });
});

describe("the files that the documentation shows", () => {
  const { registry, close } = createAdapters({ requestTimeoutMs: 1_000, secret: () => undefined });
  const yaml = (file: string) => page(file).blocks.filter(({ language }) => language === "yaml");
  const plan = readText("plans/genai-api.yaml");

  function fileOf(text: string): string {
    const directory = mkdtempSync(join(tmpdir(), "muster-docs-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, "file.yaml"), text);
    return join(directory, "file.yaml");
  }

  it.each(yaml("docs/communication.md").map(({ text }) => text))("are part of a plan: %s", async (text) => {
    const document = parseDocument(plan);
    for (const [key, value] of Object.entries(parseDocument(text).toJS() as object)) document.set(key, value);
    await loadPlan({ path: fileOf(document.toString()), registry });
  });

  it("are values of an installation", async () => {
    const [vars] = yaml("docs/plans.md").filter(({ text }) => !text.startsWith("#"));
    await loadPlan({ path: join(root, "plans/genai-api.yaml"), varsPath: fileOf(vars?.text ?? ""), registry });
  });

  it("are people", async () => {
    const [people] = yaml("docs/people.md");
    const text = people?.text.replace("<hash>", "ab".repeat(32)) ?? "";
    expect(await loadPeople(fileOf(text))).toHaveLength(1);
  });

  it("are all looked at, here or beside what reads them", () => {
    const elsewhere = ["docs/assistant.md", "docs/permissions.md"];
    const files = manual.filter(({ blocks }) => blocks.some(({ language }) => language === "yaml"));
    expect(files.map(({ file }) => file).filter((file) => !elsewhere.includes(file))).toEqual([
      "docs/communication.md",
      "docs/people.md",
      "docs/plans.md",
    ]);
    return close();
  });
});
