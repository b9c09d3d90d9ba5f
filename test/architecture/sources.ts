import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The checkout that these tests are in. */
export const root = join(import.meta.dirname, "..", "..");

export interface Import {
  /** As it is written. */
  from: string;
  /** The file in this checkout, or the package's name, or `node:…`. */
  to: string;
  /** Gone when the types are stripped: it loads nothing at run time. */
  typeOnly: boolean;
}

export interface Source {
  /** Relative to the checkout, with slashes. */
  file: string;
  text: string;
  /** Without comments, and with every string emptied. */
  code: string;
  imports: Import[];
}

/** Every TypeScript file of these folders. The compiler of today offers no parser, so imports are found in the text. */
export function readSources(...folders: string[]): Source[] {
  return folders.flatMap((folder) => filesOf(folder, ".ts")).map(readSource);
}

/** Paths relative to the checkout, sorted. */
export function filesOf(folder: string, ending: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith(ending))
    .toSorted();
}

export function readText(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

function readSource(file: string): Source {
  const text = readText(file);
  const bare = withoutComments(text);
  return { file, text, code: bare.replaceAll(STRING, '""'), imports: importsOf(file, bare) };
}

/** One pass over strings and comments together, so that neither is taken for the other; regular expressions pass. */
const STRING_OR_COMMENT =
  /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/.*$/gm;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;

function withoutComments(text: string): string {
  return text.replaceAll(STRING_OR_COMMENT, (_, string?: string) => string ?? " ");
}

const STATIC = /^[ \t]*(?:import|export)\b(?<what>[^;"'`]*?)\bfrom\s*"(?<from>[^"]+)"/gm;
const FOR_EFFECT = /^[ \t]*import\s*"(?<from>[^"]+)"/gm;
const DYNAMIC = /(?<type>typeof\s+)?\bimport\(\s*"(?<from>[^"]+)"\s*\)(?<member>\.[A-Z])?/g;

function importsOf(file: string, code: string): Import[] {
  const found = [...code.matchAll(STATIC), ...code.matchAll(FOR_EFFECT), ...code.matchAll(DYNAMIC)];
  return found.map(({ groups = {} }) => {
    const from = groups.from ?? "";
    const typeOnly = isTypeOnly(groups.what) || groups.type !== undefined || groups.member !== undefined;
    return { from, to: targetOf(file, from), typeOnly };
  });
}

/** `type { A }`, or braces in which every name is marked `type`. */
function isTypeOnly(what: string | undefined): boolean {
  if (what === undefined) return false;
  if (/^\s*type\b/.test(what)) return true;
  const names =
    /^\s*\{([^}]*)\}\s*$/
      .exec(what)?.[1]
      ?.split(",")
      .map((name) => name.trim())
      .filter(Boolean) ?? [];
  return names.length > 0 && names.every((name) => name.startsWith("type "));
}

function targetOf(file: string, from: string): string {
  if (from.startsWith(".")) return relative(root, join(root, dirname(file), from));
  if (from.startsWith("node:")) return from;
  return from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");
}

export function topFolder(file: string): string {
  return file.split("/")[0] ?? "";
}
