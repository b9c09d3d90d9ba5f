import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkSeal, unsealEvent } from "../../src/journal/chain.ts";
import { reportFacts } from "../../src/reports/facts.ts";
import { sealText } from "../../src/reports/own-text.ts";
import { createRenderer } from "../../src/reports/render.ts";
import { renderDocuments, writeDocuments } from "../../src/reports/write.ts";
import { wholeNight } from "../helpers/incident.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("renderDocuments", () => {
  it("makes three documents, one for each comparison, and the events that they rest on", () => {
    const names = renderDocuments(wholeNight().input()).map(({ name }) => name);
    expect(names).toEqual(["timeline.md", "status-report.md", "postmortem.md", "divergence-run-2.md", "events.jsonl"]);
  });

  it("exports each event exactly as stored, so that its hash can be checked from the file alone", () => {
    const story = wholeNight();
    const text = renderDocuments(story.input()).find(({ name }) => name === "events.jsonl")?.text ?? "";
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq: number; previousHash: string; hash: string; text: string });
    const [earlier, ...span] = lines;
    // The readiness from before the incident is cited, and exported; what is between is nobody's.
    expect(earlier?.seq).toBe(6);
    expect(span.map(({ seq }) => seq)).toEqual(Array.from({ length: 76 }, (_, index) => index + 7));
    for (const line of lines) {
      expect(sha256(`${line.previousHash}\n${line.text}`)).toBe(line.hash);
      const { stream, version, key } = JSON.parse(line.text) as { stream: string; version: number; key: string };
      expect(checkSeal(unsealEvent({ ...line, stream, version, key }))).toBeUndefined();
    }
    span.slice(1).forEach((line, index) => {
      expect(line.previousHash).toBe(span[index]?.hash);
    });
  });

  it("says so when the events that it was given do not hang together", () => {
    const input = wholeNight().input();
    const facts = reportFacts({ ...input, events: input.events.filter(({ seq }) => seq !== 40) });
    expect(facts.provenance.unbroken).toBe(false);
    expect(createRenderer()("timeline", facts)).toContain("they are not an unbroken chain");
  });

  it("changes nothing of what it is given", () => {
    const input = wholeNight().input();
    const before = structuredClone(input);
    renderDocuments(input);
    expect(input).toEqual(before);
  });
});

describe("writeDocuments", () => {
  let directory: string;
  const documents = [
    { name: "timeline.md", text: sealText("one\n") },
    { name: "events.jsonl", text: "{}\n" },
  ];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "muster-reports-"));
  });
  afterEach(async () => {
    await chmod(directory, 0o755);
    await rm(directory, { recursive: true });
  });

  it("writes the documents of an incident into its own directory and says their hashes", async () => {
    const written = await writeDocuments(join(directory, "deep"), "inc-1", documents);
    expect(written).toEqual({
      documents: documents.map(({ name, text }) => ({ name, sha256: sha256(text) })),
      kept: [],
    });
    expect(await readFile(join(directory, "deep", "inc-1", "timeline.md"), "utf8")).toBe(sealText("one\n"));
  });

  it("replaces older ones and leaves nothing else behind", async () => {
    await writeDocuments(directory, "inc-1", documents);
    await writeDocuments(directory, "inc-1", [{ name: "timeline.md", text: sealText("two\n") }]);
    expect(await readFile(join(directory, "inc-1", "timeline.md"), "utf8")).toBe(sealText("two\n"));
    expect((await readdir(join(directory, "inc-1"))).sort()).toEqual(["events.jsonl", "timeline.md"]);
  });

  it("keeps the old text whole when the new one cannot be put in its place", async () => {
    await mkdir(join(directory, "inc-1", "timeline.md", "in-the-way"), { recursive: true });
    await expect(writeDocuments(directory, "inc-1", documents)).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
    });
    // Neither the obstacle nor a temporary file is changed or left.
    expect(await readdir(join(directory, "inc-1"))).toEqual(["timeline.md"]);
  });

  it("says what to do when the directory cannot be made", async () => {
    const file = join(directory, "reports");
    await writeFile(file, "a file");
    await expect(writeDocuments(file, "inc-1", documents)).rejects.toMatchObject({
      code: "store-unavailable",
      hint: expect.stringContaining("MUSTER_REPORTS") as string,
    });
  });

  it.each(["../evil", "a/b", "..", "", "a\\b", "/etc"])(
    "writes nowhere else, whatever the incident is called: %j",
    async (incidentId) => {
      await expect(writeDocuments(join(directory, "in"), incidentId, documents)).rejects.toMatchObject({
        code: "bad-input",
      });
      expect(await readdir(directory)).toEqual([]);
    },
  );
});
