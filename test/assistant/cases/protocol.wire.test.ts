import { createServer } from "node:net";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { openModel } from "../../../adapters/model/index.ts";
import type { Scene } from "../../../lab/model/scenes.ts";
import { type ModelServer, startModelServer } from "../../../lab/model/server.ts";
import { writesDrafts } from "../../../lab/model/writes.ts";
import { prompts } from "../../../prompts/index.ts";
import { ModelsFile } from "../../../src/assistant/endpoints.ts";
import { createWriter, type Drafted } from "../../../src/assistant/writer.ts";
import { systemClock } from "../../../src/clock.ts";
import { renderDocuments } from "../../../src/reports/write.ts";
import { CASES, type Case } from "../../helpers/assistant-cases.ts";
import { wholeNight } from "../../helpers/incident.ts";

const OF = { deployment: "gpt", model: "gpt-5.1", apiVersion: "2024-10-21", key: "the-key" };
type Played = Scene | typeof writesDrafts;

/** A draft of the status report with two endpoints, of which each plays what it is told; how often each was asked. */
async function draftWith(
  east: Played[] | "silent",
  west: Played[],
): Promise<{ drafted: Drafted; asked: number[]; same: boolean }> {
  const servers: ModelServer[] = [];
  const start = async (scenes: Played[]) => {
    const server = await startModelServer({ ...OF, reasoning: true });
    server.play(...scenes);
    servers.push(server);
    onTestFinished(() => server.close());
    return server.url;
  };
  const urls = [east === "silent" ? await silent() : await start(east), await start(west)];
  const models = ModelsFile.parse({
    deadlineSeconds: 2,
    endpoints: urls
      .map((url, index) => ({ ...OF, key: undefined, name: `e${index}`, region: `r${index}`, url, keyFrom: "models" }))
      .map(({ key: _, ...one }) => one),
  });
  const model = openModel({ models, secret: () => OF.key, clock: systemClock });
  const logger = pino({ level: "silent" });
  const writer = createWriter({ model, prompts, clock: systemClock, logger, deadlineMs: 2_000, budget: models });
  const story = wholeNight();
  const bodyOf = () => {
    const text = renderDocuments(story.input()).find(({ name }) => name === "status-report.md")?.text ?? "";
    return text.slice(0, text.lastIndexOf("\n---\n"));
  };
  const before = bodyOf();
  const drafted = await writer.draft("status-report", story.input());
  story.emit(drafted.kind, drafted.data as never, "system:reporter");
  return { drafted, asked: servers.map((server) => server.asked.length), same: bodyOf() === before };
}

/** Takes the connection, and never says a word. */
async function silent(): Promise<string> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const ok = [writesDrafts];
const says = (text: string): Scene => ({ does: "says", text });

/** A second request, to whoever is first in turn, makes it good. */
const again = {
  "invalid JSON": says("Sure! Here it is: {"),
  "fenced JSON": says('```json\n{"claims":[]}\n```'),
  "extra keys": { does: "writes", output: { claims: [], sql: "drop" } },
  "length cut": { does: "is-cut", text: '{"claims":[' },
} satisfies Partial<Record<Case<"protocol">, Scene>>;

/** Another deployment would say the same: the template writes, and the reason is in the journal. */
const ends = {
  refusal: { does: "refuses", text: "No." },
  "content filter as 400": { does: "filters-prompt" },
  "content filter as finish reason": { does: "filters-output" },
} satisfies Partial<Record<Case<"protocol">, Scene>>;

/** The endpoint in the other region is asked, and its draft is kept. */
const elsewhere = {
  "429 without a header": { does: "throttles" },
  "429 for 1 s": { does: "throttles", retryAfterSeconds: 1 },
  "429 for 120 s": { does: "throttles", retryAfterSeconds: 120 },
  "500": { does: "fails", status: 500 },
  "503": { does: "fails", status: 503 },
  "408": { does: "fails", status: 408 },
  "410": { does: "fails", status: 410, code: "ModelDeprecated" },
  "404": { does: "fails", status: 404, code: "DeploymentNotFound" },
  "stream that stalls": { does: "stalls-midway" },
  "stream that is cut": { does: "breaks-midway" },
  "empty choices": { does: "chooses-nothing" },
  "HTML with 200": { does: "shows-a-page" },
} satisfies Partial<Record<Case<"protocol">, Scene>>;

const others = {
  "connection that hangs": async () => {
    expect((await draftWith("silent", ok)).drafted).toMatchObject({ kind: "report.drafted", data: { endpoint: "e1" } });
  },
  "both regions down": async () => {
    const dead: Scene[] = [{ does: "fails", status: 503 }];
    const { drafted, same } = await draftWith(dead, dead);
    expect(drafted).toMatchObject({ kind: "report.rejected", data: { code: "vendor-unavailable" } });
    expect(same).toBe(true);
  },
  "usage missing": async () => {
    const bare: Played = (asked) => ({ ...(writesDrafts(asked) as { does: "writes"; output: unknown }), usage: false });
    const { drafted } = await draftWith([bare], ok);
    expect(drafted).toMatchObject({ kind: "report.drafted", data: { estimated: true, endpoint: "e0" } });
    expect(drafted.data.tokens.input).toBeGreaterThan(1_000);
  },
} satisfies Partial<Record<Case<"protocol">, () => Promise<void>>>;

describe("protocol", () => {
  it.each(Object.entries(again))("%s: is asked for once more", async (_, scene) => {
    const { drafted, asked } = await draftWith([scene, writesDrafts], ok);
    expect(drafted).toMatchObject({ kind: "report.drafted", data: { requests: 2 } });
    expect(asked).toEqual([2, 0]);
  });

  it.each(Object.entries(ends))("%s: the template writes, and the journal says why", async (_, scene) => {
    const { drafted, asked, same } = await draftWith([scene], ok);
    expect(drafted).toMatchObject({ kind: "report.rejected", data: { code: "vendor-rejected", requests: 1 } });
    expect(asked).toEqual([1, 0]);
    expect(same).toBe(true);
  });

  it.each(Object.entries(elsewhere))("%s: the other region writes", async (_, scene) => {
    const { drafted } = await draftWith([scene], ok);
    expect(drafted).toMatchObject({ kind: "report.drafted", data: { endpoint: "e1" } });
  });

  it.each(Object.entries(others))("%s: the document comes all the same", async (_, holds) => await holds());

  it("has each of its cases", () => {
    const names = [again, ends, elsewhere, others].flatMap((table) => Object.keys(table));
    expect(names.toSorted()).toEqual([...CASES.protocol].toSorted());
  });
});
