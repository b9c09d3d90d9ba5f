import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { filesOf, readText, root } from "../architecture/sources.ts";

export interface Document {
  file: string;
  text: string;
  /** Without blocks of code. */
  prose: string;
  /** What stands in `one line of code`. */
  quoted: string[];
  /** Each line of each block of code, with the block's language. */
  lines: { language: string; line: string }[];
  blocks: { language: string; text: string }[];
}

const BLOCK = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

const files = [...globSync("*.md", { cwd: root }), ...filesOf("docs", ".md")].toSorted();

/** Every page of the repository. */
export const pages: Document[] = files.map(readDocument);

/** What is true today: neither the changes of former days nor the reasons of former decisions. */
export const manual: Document[] = pages.filter(({ file }) => !/^docs\/decisions\/|^CHANGELOG/.test(file));

export function page(file: string): Document {
  const found = pages.find((one) => one.file === file);
  if (!found) throw new Error(`There is no ${file}.`);
  return found;
}

/** Each thing once, with the first file that it stands in. */
export function named(found: (document: Document) => Iterable<string>): [name: string, file: string][] {
  const all = new Map<string, string>();
  for (const document of manual) for (const name of found(document)) if (!all.has(name)) all.set(name, document.file);
  return [...all];
}

function readDocument(file: string): Document {
  const text = readText(file);
  const blocks = [...text.matchAll(BLOCK)].map(([, language = "", code = ""]) => ({ language, text: code }));
  const prose = text.replaceAll(BLOCK, "");
  return {
    file,
    text,
    prose,
    quoted: [...prose.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, quoted = ""]) => quoted.replaceAll("\\|", "|")),
    lines: blocks.flatMap(({ language, text: code }) => code.split("\n").map((line) => ({ language, line }))),
    blocks,
  };
}

/** Is this file there, and the heading in it that stands behind a `#`? */
export function leads(to: string): boolean {
  const [file = "", anchor] = to.split("#");
  return existsSync(join(root, file)) && (anchor === undefined || anchorsOf(file).includes(anchor));
}

/** As GitHub makes them of headings: lower case, without punctuation, dashes for spaces, a number for a second one. */
function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>();
  return [...page(file).prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
