import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { AppError } from "../errors.ts";
import { writeWhole } from "../write-whole.ts";
import { reportFacts } from "./facts.ts";
import { createContext, exportedEvents, type ReportInput } from "./input.ts";
import { narrativeOf } from "./narrative.ts";
import { createRenderer, divergenceTemplate, type Renderer, templateNames } from "./render.ts";
import type { ReportFacts } from "./schema.ts";

export interface ReportDocument {
  name: string;
  text: string;
}

let renderer: Renderer | undefined;

/** The documents of one incident: the same input gives the same texts. */
export function renderDocuments(input: ReportInput): ReportDocument[] {
  renderer ??= createRenderer();
  const render = renderer;
  const facts = reportFacts(input);
  const documents = templateNames.map((name) => ({ name: `${name}.md`, text: render(name, facts, told(input, name)) }));
  const compared = [...Map.groupBy(facts.divergences, ({ runId }) => runId)];
  const divergences = compared.map(([runId, own]) => ({
    name: `divergence-${runId}.md`,
    text: render(divergenceTemplate, { ...facts, divergences: own }),
  }));
  return [...documents, ...divergences, { name: "events.jsonl", text: eventLines(input, facts) }];
}

function told(input: ReportInput, name: (typeof templateNames)[number]) {
  return name === "timeline" ? undefined : narrativeOf(input, name);
}

/**
 * The exact stored texts with their hashes, one event a line, so that whoever gets the file can check each:
 * SHA-256 over the previous hash, a line feed and the text.
 */
function eventLines(input: ReportInput, facts: ReportFacts): string {
  const { span, earlier } = exportedEvents(createContext(input), facts);
  const lines = [...earlier, ...span].map(({ seq, previousHash, hash, text }) =>
    JSON.stringify({ seq, previousHash, hash, text }),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Writes documents to `<directory>/<incidentId>/`. Each file is replaced at once, so that a reader and a crash meet
 * the old text or the new one, never half of one. May be repeated. Throws AppError where the disk refuses.
 */
export async function writeDocuments(
  directory: string,
  incidentId: string,
  documents: readonly ReportDocument[],
): Promise<{ name: string; sha256: string }[]> {
  const folder = inside(directory, incidentId);
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of documents) await writeWhole(folder, inside(folder, name), text);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "no reason given";
    throw new AppError({
      code: "store-unavailable",
      summary: `The documents of ${incidentId} could not be written to ${folder} (${reason}).`,
      hint: "Make the directory writable, or name another one with MUSTER_REPORTS; then run: dr report.",
      retryable: true,
      cause,
    });
  }
  return documents.map(({ name, text }) => ({ name, sha256: createHash("sha256").update(text).digest("hex") }));
}

/** The path of a name in a directory, and nowhere else. */
function inside(directory: string, name: string): string {
  const root = resolve(directory);
  const path = resolve(root, name);
  if (path.startsWith(root + sep) && !name.includes("/") && !name.includes("\\")) return path;
  throw new AppError({ code: "bad-input", summary: `"${name}" is not the name of a document or an incident.` });
}
