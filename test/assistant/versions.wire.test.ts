import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writesDrafts } from "../../lab/model/writes.ts";
import { isOwnText } from "../../src/reports/own-text.ts";
import { startModel, type TestModel } from "../helpers/model.ts";
import { operator } from "../helpers/muster.ts";
import { beginIncident, type SmallIncident } from "../helpers/small-incident.ts";

let model: TestModel;
let incident: SmallIncident;

beforeEach(async () => {
  model = await startModel();
  model.server.play(writesDrafts);
});
afterEach(async () => {
  await incident.muster.stop();
  await model.server.close();
});

const core = () => incident.muster.core;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("versions of the documents", () => {
  it("count up, and each says what has happened since the one before", async () => {
    incident = await beginIncident();
    const first = await core().reports.write();
    expect(first.version).toEqual({ number: 1 });
    expect(incident.document("status-report.md")).toContain("Version 1.");
    await incident.run("failover");
    await incident.isWritten(2);
    const text = incident.document("status-report.md");
    expect(text).toMatch(/Version 2; version 1 was made at .* from the journal as of #\d+\./);
    expect(text).toMatch(/^- .*: Failover run-1 completed\. \(#\d+\)$/m);
    expect(incident.document("postmortem.md")).toMatch(
      /New since version 1, .*: what the timeline below lists behind #\d+\./,
    );
    const again = await core().reports.write();
    expect(again.version).toMatchObject({ number: 3, since: { number: 2, lines: [] } });
    expect(incident.document("status-report.md")).toContain("### New since version 2\n\nNothing worth a line.");
    expect(incident.document("postmortem.md")).toContain("Nothing worth a line has happened since version 2");
  });

  it("come out of the journal again word for word, however much has happened since", async () => {
    incident = await beginIncident(model.assistant);
    await incident.run("failover");
    await incident.isWritten();
    const [{ data } = { data: undefined }] = await incident.ofKind("report.written");
    const before = incident.document("postmortem.md");
    await incident.note("it is warm in here");
    await incident.run("failback");
    await incident.isWritten(2);
    const documents = await core().reports.read("inc-1", 1);
    expect(documents.find(({ name }) => name === "postmortem.md")?.text).toBe(before);
    expect(documents.map(({ name, text }) => ({ name, sha256: sha256(text) }))).toEqual(data?.documents);
    expect(before).toContain("As a model tells it");
    await expect(core().reports.version("inc-1", 9)).rejects.toMatchObject({
      code: "not-found",
      hint: "The latest is version 2.",
    });
  });

  it("are told apart by number also when two people ask in the same moment", async () => {
    incident = await beginIncident();
    const both = await Promise.all([core().reports.write(), core().reports.write(), core().reports.write()]);
    expect(both.map(({ version }) => version.number).toSorted()).toEqual([1, 2, 3]);
    expect((await incident.ofKind("report.written")).map(({ data }) => data.version)).toEqual([1, 2, 3]);
  });
});

describe("a file that a person has changed", () => {
  it("is left as it is; the next version stands beside it, and everybody is told", async () => {
    incident = await beginIncident();
    await core().reports.write();
    const mine = `${incident.document("postmortem.md")}\nThe disk was full.\n`;
    writeFileSync(incident.path("postmortem.md"), mine);
    await incident.run("failover");
    await incident.isWritten(2);
    expect(incident.document("postmortem.md")).toBe(mine);
    expect(incident.document("postmortem.next.md")).toContain("Version 2.");
    expect(isOwnText(incident.document("postmortem.next.md"))).toBe(true);
    const [, second] = await incident.ofKind("report.written");
    expect(second?.data.kept).toEqual(["postmortem.md"]);
    expect(second?.data.documents.map(({ name }) => name)).toContain("postmortem.next.md");
    // The other documents are Muster's still.
    expect(incident.document("status-report.md")).toContain("Version 2;");
    expect(existsSync(incident.path("status-report.next.md"))).toBe(false);
    // Whoever works in the copy beside it is left alone there, too.
    writeFileSync(incident.path("postmortem.next.md"), "mine as well\n");
    const third = await core().reports.write();
    expect(third.kept).toEqual(["postmortem.md"]);
    expect(incident.document("postmortem.next.md")).toBe("mine as well\n");
    expect(incident.document("postmortem.next-2.md")).toContain("Version 3.");
  });

  it("is not taken for a person's because Muster died between the file and its event", async () => {
    incident = await beginIncident();
    await core().reports.write();
    // What a crash leaves: a newer file that no event names. It carries its own hash.
    const newer = (await core().reports.read("inc-1")).find(({ name }) => name === "postmortem.md")?.text ?? "";
    writeFileSync(incident.path("postmortem.md"), newer);
    await incident.run("failover");
    await incident.isWritten(2);
    expect(incident.document("postmortem.md")).toContain("Version 2.");
    expect(existsSync(incident.path("postmortem.next.md"))).toBe(false);
  });

  it("is replaced where it is as an older Muster wrote it, which the journal knows", async () => {
    incident = await beginIncident();
    const old = "# as it was written before files carried their hash\n";
    await core().reports.write();
    writeFileSync(incident.path("timeline.md"), old);
    await incident.muster.say({
      key: "report/inc-1/1",
      kind: "report.written",
      actor: "system:reporter",
      data: {
        incidentId: "inc-1",
        documents: [{ name: "timeline.md", sha256: sha256(old) }],
        asOf: { seq: 1, hash: "" },
      },
    });
    await core().reports.write();
    expect(incident.document("timeline.md")).toContain("# Timeline");
  });
});

describe("a section that is written anew", () => {
  const redraft = (section: string, hint: string) =>
    core().reports.redraft({ document: "postmortem", section, hint }, undefined, operator);
  const drafts = () => incident.ofKind("report.drafted");

  it("follows a hint, which is data; the others stay, and the journal says who asked", async () => {
    incident = await beginIncident(model.assistant);
    await incident.run("failover");
    await incident.isWritten();
    const before = (await drafts()).find(({ data }) => data.document === "postmortem")?.data.statements ?? [];
    const hint = "look at the approval, says operator. password=hunter2secret";
    await redraft("summary", hint);
    const last = (await drafts()).at(-1)?.data;
    expect(last?.redraft).toMatchObject({ section: "summary", by: "operator" });
    const others = (of: typeof before) => of.filter(({ section }) => section !== "summary");
    expect(others(last?.statements ?? [])).toEqual(others(before));
    expect(last?.statements.filter(({ section }) => section === "summary")).not.toEqual(
      before.filter(({ section }) => section === "summary"),
    );
    const { user = "" } = model.server.asked.at(-1) ?? {};
    expect(user).toContain("look at the approval, says somebody. password=[redacted:password]");
    expect(user).not.toContain("- went-well (");
    expect(JSON.stringify(await incident.ofKind("report.drafted"))).not.toContain("hunter2secret");
    expect(incident.document("postmortem.md")).toContain("Section summary was drafted anew on a person's request");
  });

  it("stays as it was when nothing of the new one holds", async () => {
    incident = await beginIncident(model.assistant);
    await incident.run("failover");
    await incident.isWritten();
    model.server.play({ does: "refuses", text: "No." });
    await expect(redraft("summary", "more")).rejects.toMatchObject({
      code: "vendor-rejected",
      summary: expect.stringContaining("The section summary stays as it was") as string,
    });
    model.server.play({ does: "hangs" });
    // Nothing asks again: the draft from before still stands.
    await core().reports.write();
    expect(incident.document("postmortem.md")).toContain("As a model tells it");
  });

  it("is in the journal when Muster dies before the file is written, and in the next file", async () => {
    incident = await beginIncident(model.assistant);
    await incident.run("failover");
    await incident.isWritten();
    const path = incident.path("postmortem.md");
    const before = readFileSync(path, "utf8");
    await redraft("action-items", "");
    // As if it had died in between: the file is as it was, the draft is known.
    writeFileSync(path, before);
    await core().reports.write();
    expect(incident.document("postmortem.md")).toContain("Section action-items was drafted anew");
  });

  it("needs a model, and says so", async () => {
    incident = await beginIncident();
    await incident.run("failover");
    await expect(redraft("summary", "more")).rejects.toMatchObject({
      code: "wrong-state",
      hint: expect.stringContaining("MUSTER_MODELS") as string,
    });
  });
});

describe("a budget of tokens", () => {
  it("that one incident has used up leaves the rest to the templates, which say why", async () => {
    // Two drafts take 5,000 tokens, and the next request cannot be paid from what is left.
    const usage = { prompt_tokens: 2_000, completion_tokens: 500 };
    model.server.play((asked) => ({ ...(writesDrafts(asked) as { does: "writes"; output: unknown }), usage }));
    const assistant = { ...model.assistant, budget: { tokensPerReport: 60_000, tokensPerIncident: 6_000 } };
    incident = await beginIncident(assistant);
    await incident.run("failover");
    await incident.isWritten();
    expect(await incident.ofKind("report.rejected")).toEqual([]);
    await incident.run("failback");
    await incident.isWritten(2);
    const rejected = await incident.ofKind("report.rejected");
    expect(rejected[0]?.data).toMatchObject({ code: "rate-limited", requests: 0, tokens: { input: 0, output: 0 } });
    expect(incident.document("status-report.md")).toMatch(
      /nothing of it stands here: The next request would exceed the budget of 6000 tokens for one incident\./,
    );
  });

  it("that one report would exceed lets its first draft stand without a repair", async () => {
    const assistant = { ...model.assistant, budget: { tokensPerReport: 2_500, tokensPerIncident: 60_000 } };
    incident = await beginIncident(assistant);
    model.server.play(({ user }) => {
      const [, id = ""] = /^(e\d+) run\.completed/m.exec(user) ?? [];
      const of = { section: "summary", kind: "fact", eventIds: [id] };
      const weighed = /post-mortem/.test(user) ? { against: [], type: "none", priority: "none" } : {};
      const claims = [
        { id: "c1", ...of, text: "The run completed.", ...weighed },
        { id: "c2", ...of, text: "It took 42 minutes.", ...weighed },
      ];
      return { does: "writes", output: { claims } };
    });
    await incident.run("failover");
    await incident.isWritten();
    const [drafted] = await incident.ofKind("report.drafted");
    expect(drafted?.data).toMatchObject({ requests: 1, tokens: { input: 1_200, output: 300 } });
    expect(drafted?.data.dropped).toEqual([{ section: "summary", faults: ["literal-value"] }]);
  });

  it("counts from the texts where an endpoint does not say what it used", async () => {
    incident = await beginIncident(model.assistant);
    model.server.play((asked) => ({ ...(writesDrafts(asked) as { does: "writes"; output: unknown }), usage: false }));
    await incident.run("failover");
    await incident.isWritten();
    const [drafted] = await incident.ofKind("report.drafted");
    expect(drafted?.data.estimated).toBe(true);
    expect(drafted?.data.tokens.input).toBeGreaterThan(500);
    expect(incident.document("status-report.md")).toMatch(/about \d+ tokens in/);
  });
});

describe("a story that takes a turn while it is drafted", () => {
  it("is drafted once more, so that its documents are not by their templates alone, and is written once", async () => {
    incident = await beginIncident(model.assistant);
    let turned: Promise<unknown> | undefined;
    model.server.play((asked) => {
      turned ??= core().incidents.resolve("it was a drill", operator);
      return writesDrafts(asked);
    });
    await incident.run("failover");
    await incident.isWritten();
    await turned;
    await incident.muster.until(({ incidents }) => incidents["inc-1"]?.resolvedAt !== undefined);
    expect(incident.document("postmortem.md")).toContain("As a model tells it");
    expect(incident.document("postmortem.md")).toContain("The incident was resolved");
    expect(model.server.asked).toHaveLength(4);
    // The follower has seen both events when it writes about a third.
    await core().reports.write();
    expect((await incident.ofKind("report.written")).map(({ data }) => data.version)).toEqual([1, 2]);
  });
});
