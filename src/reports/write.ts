import { mkdir, readFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { AppError } from "../errors.ts";
import { writeWhole } from "../write-whole.ts";
import { reportFacts } from "./facts.ts";
import { createContext, exportedEvents, type ReportInput } from "./input.ts";
import { narrativeOf, rejectionOf } from "./narrative.ts";
import { isOwnText, sealText, sha256 } from "./own-text.ts";
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
  const sealed = [...documents, ...divergences].map(({ name, text }) => ({ name, text: sealText(text) }));
  return [...sealed, { name: "events.jsonl", text: eventLines(input, facts) }];
}

function told(input: ReportInput, name: (typeof templateNames)[number]) {
  if (name === "timeline") return {};
  const [narrative, rejected] = [narrativeOf(input, name), rejectionOf(input, name)];
  return { ...(narrative && { narrative }), ...(rejected !== undefined && { rejected }) };
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

export interface WrittenDocuments {
  documents: { name: string; sha256: string }[];
  /** Files that a person had changed. They are as they were; the new text stands beside each. */
  kept: string[];
}

/**
 * Writes documents to `<directory>/<incidentId>/`. Each file is replaced at once, so that a reader and a crash meet
 * the old text or the new one, never half of one. What a person has changed is never written over: the new text goes
 * to `<name>.next.md`. `known` are hashes of files as they were written before files carried their own.
 * May be repeated. Throws AppError where the disk refuses.
 */
export async function writeDocuments(
  directory: string,
  incidentId: string,
  documents: readonly ReportDocument[],
  known: ReadonlySet<string> = new Set(),
): Promise<WrittenDocuments> {
  const folder = inside(directory, incidentId);
  const written: WrittenDocuments = { documents: [], kept: [] };
  try {
    // The journal's events and what people said of them: for whoever runs Muster, until they pass it on.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const { name, text } of documents) {
      const free = await nameFor(folder, name, known);
      if (free !== name) written.kept.push(name);
      await writeWhole(folder, inside(folder, free), text);
      written.documents.push({ name: free, sha256: sha256(text) });
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? "no reason given";
    throw new AppError({
      code: "store-unavailable",
      summary: `The documents of ${incidentId} could not be written to ${folder} (${reason}).`,
      hint: "Make the directory writable, or name another one with MUSTER_REPORTS; then run: dr report.",
      retryable: true,
      cause,
    });
  }
  return written;
}

const MOST_NEXT = 9;

/** The first of `postmortem.md`, `postmortem.next.md`, `postmortem.next-2.md` … that no person has changed. */
async function nameFor(folder: string, name: string, known: ReadonlySet<string>): Promise<string> {
  if (!name.endsWith(".md")) return name;
  const base = name.slice(0, -".md".length);
  const numbers = Array.from({ length: MOST_NEXT - 1 }, (_, index) => `${base}.next-${index + 2}.md`);
  for (const one of [name, `${base}.next.md`, ...numbers]) {
    const text = await readFile(inside(folder, one), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined || isOwnText(text, known)) return one;
  }
  throw new AppError({
    code: "wrong-state",
    summary: `${name} and everything beside it was changed by people: there is no place for a new version.`,
    hint: `Move what is to be kept out of ${folder}, then run: dr report.`,
  });
}

/** The path of a name in a directory, and nowhere else. */
function inside(directory: string, name: string): string {
  const root = resolve(directory);
  const path = resolve(root, name);
  if (path.startsWith(root + sep) && !name.includes("/") && !name.includes("\\")) return path;
  throw new AppError({ code: "bad-input", summary: `"${name}" is not the name of a document or an incident.` });
}
