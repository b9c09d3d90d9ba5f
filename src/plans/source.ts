import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { type Finding, formatPath, type Path, type Problem } from "./problem.ts";
import { type SyntaxProblem, syntaxProblem } from "./syntax.ts";

/** Larger files are refused unread; the largest real plan is a tenth of this. */
export const largestFileBytes = 256 * 1024;
/** Bounds on what aliases may unfold to; a chain of them can turn a kilobyte into gigabytes. */
const mostNodes = 200_000;
const deepest = 60;

/** A YAML file as plain values, and the way back from a value's path to its line. */
export interface Source {
  file: string;
  /** `undefined` when the file cannot be read as YAML; then `problems` says why. */
  value: unknown;
  problems: Problem[];
  /** Where the value at this path stands, or the nearest thing around it that is there. */
  locate(path: Path, atKey?: boolean): { line: number; column: number };
  problem(finding: Finding): Problem;
}

export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const bytes = Buffer.byteLength(text);
  if (bytes > largestFileBytes) {
    const message = `the file has ${Math.ceil(bytes / 1024)} KiB; ${largestFileBytes / 1024} KiB is the most`;
    return unreadable(file, [{ message, hint: "Split what it describes, or remove what is not part of a plan." }]);
  }
  // Parsing recurses: a file of nothing but brackets would end in a stack overflow.
  const document = attempt(() =>
    parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, stringKeys: true }),
  );
  if (!document) return unreadable(file, [{ message: "the file is nested too deeply to be read", hint: notAPlan }]);

  const at = (offset: number) => ({ line: lines.linePos(offset).line, column: lines.linePos(offset).col });
  const syntax: (SyntaxProblem & { line: number; column: number })[] = document.errors.map((error) => ({
    ...at(error.pos[0]),
    ...syntaxProblem(error, text),
  }));
  syntax.push(...unresolvedAliases(document).map((found) => ({ ...at(found.offset), ...found, fatal: true })));
  const clear = syntax.filter(({ vague }) => !vague);
  const problems = firstPerLine(clear.length > 0 ? clear : syntax).map(({ line, column, message, hint }) => {
    return { file, line, column, path: "", message, hint };
  });
  if (syntax.some(({ fatal }) => fatal)) return { ...unreadable(file, []), problems };

  // Looked at before: the parser works out what is merged anew at each place, however often that is.
  if (mergedValues(document) > mostNodes) return unreadable(file, [unfoldsTooFar]);
  const value: unknown = attempt(() => document.toJS({ maxAliasCount: -1 }));
  const tooLarge =
    value === undefined
      ? { message: "the aliases and merges of the file cannot be unfolded", hint: mergeForm }
      : measure(value);
  if (tooLarge) return unreadable(file, [tooLarge]);

  const locate = (path: Path, atKey = false) => at(offsetOf(document, path, atKey));
  return { file, value, problems, locate, problem: (finding) => placed(file, finding, locate) };
}

const mergeForm = "A << merges a map by its alias, and no anchor may repeat itself.";
const notAPlan = "A plan is a few hundred lines of maps and lists; examples are in plans/.";

function placed(file: string, { path, message, hint, atKey }: Finding, locate: Source["locate"]): Problem {
  return { file, ...locate(path, atKey), path: formatPath(path), message, hint };
}

function unreadable(file: string, findings: { message: string; hint: string }[]): Source {
  const locate = () => ({ line: 1, column: 1 });
  const problem = (finding: Finding) => placed(file, finding, locate);
  return {
    file,
    value: undefined,
    locate,
    problem,
    problems: findings.map((found) => problem({ path: [], ...found })),
  };
}

/** One broken character makes the parser stumble several times in its line; people need the first only. */
function firstPerLine<T extends { line: number }>(problems: T[]): T[] {
  const seen = new Set<number>();
  return problems.filter(({ line }) => !seen.has(line) && seen.add(line));
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function unresolvedAliases(document: Document): { offset: number; message: string; hint: string }[] {
  const found: { offset: number; message: string; hint: string }[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Value(_, node) {
      if (node.anchor) anchors.add(node.anchor);
    },
    Alias(_, alias) {
      if (anchors.has(alias.source)) return;
      const message = `the alias *${alias.source} has no anchor before it`;
      found.push({ offset: alias.range?.[0] ?? 0, message, hint: `Put &${alias.source} in front of what it repeats.` });
    },
  });
  return found;
}

/** Walks what the aliases unfold to, with bounds; an alias inside its own anchor shows as endless depth. */
function measure(root: unknown): { message: string; hint: string } | undefined {
  let nodes = 0;
  let tooDeep = false;
  const walk = (value: unknown, depth: number) => {
    nodes += 1;
    tooDeep ||= depth > deepest;
    if (tooDeep || nodes > mostNodes || typeof value !== "object" || value === null) return;
    for (const child of Object.values(value)) walk(child, depth + 1);
  };
  walk(root, 0);
  if (tooDeep)
    return {
      message: `the file is nested more than ${deepest} levels deep`,
      hint: `${notAPlan} An alias inside its own anchor has no end.`,
    };
  if (nodes <= mostNodes) return undefined;
  return unfoldsTooFar;
}

const unfoldsTooFar = {
  message: `the file's aliases unfold to more than ${mostNodes} values`,
  hint: "Repeat less by alias.",
};

/** How many values the parser makes of the document: an alias is one, and what is merged is made again each time. */
function mergedValues(document: Document): number {
  const known = new Map<unknown, number>();
  const sizeOf = (node: unknown): number => {
    const before = known.get(node);
    if (before !== undefined) return before;
    // A map that merges itself: what becomes of that is seen later.
    known.set(node, 1);
    const size = isMap(node) ? sum(node.items.map(sizeOfPair)) : isSeq(node) ? sum(node.items.map(sizeOf)) : 1;
    known.set(node, size);
    return size;
  };
  const sizeOfPair = ({ key, value }: Pair): number => {
    if (!isScalar(key) || key.value !== "<<") return 1 + sizeOf(value);
    const sources = isSeq(value) ? value.items : [value];
    return sum(sources.map((source) => sizeOf(isAlias(source) ? source.resolve(document) : source)));
  };
  return sizeOf(document.contents);
}

function sum(sizes: number[]): number {
  return sizes.reduce((total, size) => total + size, 1);
}

function offsetOf(document: Document, path: Path, atKey: boolean): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    const last = index === path.length - 1;
    if (isMap(inside)) {
      const pair = pairOf(document, inside, String(part));
      const key = pair?.key as Node | undefined;
      node = (pair?.value as Node | null | undefined) ?? null;
      const target = (last && atKey) || node === null ? key : node;
      offset = target?.range?.[0] ?? offset;
    } else if (isSeq(inside)) {
      node = (inside.items[Number(part)] as Node | undefined) ?? null;
      offset = node?.range?.[0] ?? offset;
    } else return offset;
    if (node === null) return offset;
  }
  return offset;
}

/** The pair behind a key: the map's own one first, then those that `<<` merges in. */
function pairOf(document: Document, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (own) return own;
  const merged = map.items.filter((pair) => isScalar(pair.key) && pair.key.value === "<<");
  for (const { value } of merged) {
    const sources = isSeq(value) ? value.items : [value];
    for (const source of sources) {
      const target = isAlias(source) ? source.resolve(document) : source;
      const found = isMap(target) ? pairOf(document, target, key) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}
