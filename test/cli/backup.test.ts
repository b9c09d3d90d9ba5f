import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { restoreSqliteJournal } from "../../adapters/store/sqlite-restore.ts";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { openOffline } from "../../src/offline/reader.ts";
import { tokenOf } from "../helpers/core.ts";
import { journalFixture } from "../helpers/journals.ts";
import { scenes } from "../helpers/scenes.ts";
import { dr } from "./run.ts";

const COMPLETE = journalFixture("0.1.0-complete");
const local = {
  restore: restoreSqliteJournal,
  openOffline: async (directory: string) => openOffline(openSqliteReader({ directory }), pino({ level: "silent" })),
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-backup-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("dr restore and dr backup", () => {
  it("make a journal of a file, and the same file of the journal, without a server", async () => {
    const data = join(root, "data");
    const restored = await dr(["restore", COMPLETE, "--data", data], undefined, local);
    expect(restored).toMatchObject({ code: EXIT.done, out: expect.stringContaining("134") });
    const audit = await dr(["audit", "verify", "--data", data, "--json"], undefined, local);
    expect(JSON.parse(audit.out)).toMatchObject({ ok: true, events: 134 });
    const file = join(root, "backup.jsonl");
    expect((await dr(["backup", file, "--data", data], undefined, local)).code).toBe(EXIT.done);
    expect(readFileSync(file, "utf8")).toBe(readFileSync(COMPLETE, "utf8"));
  });

  it("refuse a second time: neither a journal nor a file is overwritten", async () => {
    const data = join(root, "data");
    const file = join(root, "backup.jsonl");
    await dr(["restore", COMPLETE, "--data", data], undefined, local);
    const again = await dr(["restore", COMPLETE, "--data", data], undefined, local);
    expect(again).toMatchObject({ code: EXIT.refused, err: expect.stringContaining("already") });
    writeFileSync(file, "precious");
    const over = await dr(["backup", file, "--data", data], undefined, local);
    expect(over).toMatchObject({ code: EXIT.refused, err: expect.stringContaining("exists already") });
    expect(readFileSync(file, "utf8")).toBe("precious");
  });

  it("say the first bad event of a damaged file, and make nothing", async () => {
    const file = join(root, "cut.jsonl");
    const text = readFileSync(COMPLETE, "utf8");
    writeFileSync(file, text.slice(0, text.indexOf('{"seq":70,')));
    const data = join(root, "data");
    const { code, err } = await dr(["restore", file, "--data", data], undefined, local);
    expect(code).toBe(EXIT.refused);
    expect(err).toContain("at event 70");
    expect(existsSync(join(data, "journal.db"))).toBe(false);
  });

  it("say what is missing on the line", async () => {
    expect(await dr(["restore", COMPLETE])).toMatchObject({ code: EXIT.usage, err: expect.stringContaining("--data") });
    expect(await dr(["backup"])).toMatchObject({ code: EXIT.usage, err: expect.stringContaining("dr backup <file>") });
    const nowhere = await dr(["restore", join(root, "none"), "--data", root], undefined, local);
    expect(nowhere).toMatchObject({ code: EXIT.usage, err: expect.stringContaining("ENOENT") });
  });
});

describe("dr backup of a running server", () => {
  it("writes what the server sends, for an operator", async () => {
    const file = join(root, "backup.jsonl");
    const { code, out } = await dr(["backup", file, "--json"], await scenes.calm());
    expect(code).toBe(EXIT.done);
    expect(JSON.parse(out)).toMatchObject({ backedUp: file, events: 0 });
    expect(readdirSync(root)).toEqual(["backup.jsonl"]);
  });

  it("is refused to who only approves, and writes nothing", async () => {
    const env = { MUSTER_TOKEN: tokenOf("approver-1") };
    const { code, err } = await dr(["backup", join(root, "b.jsonl")], await scenes.calm(), { env });
    expect(code).toBe(EXIT.notAllowed);
    expect(err).toContain("operator");
    expect(readdirSync(root)).toEqual([]);
  });

  it("that breaks off in the middle is noticed, and leaves nothing", async () => {
    const core = await scenes.calm();
    core.journal.backup = async function* () {
      yield* readFileSync(COMPLETE, "utf8")
        .split(/(?<=\n)/)
        .slice(0, 20);
      throw new Error("the disk is gone");
    };
    const { code, err } = await dr(["backup", join(root, "b.jsonl")], core);
    expect(code).toBe(EXIT.refused);
    expect(err).toContain("at event 20");
    expect(readdirSync(root)).toEqual([]);
  });
});
