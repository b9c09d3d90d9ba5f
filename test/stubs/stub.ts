import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One thing that is made not to work, by one edit of one file, and the tests that must see it. */
export interface Stub {
  /** What no longer happens, for people. */
  name: string;
  file: string;
  /** What stands there, found once; how it is broken into lines does not matter. */
  find: string;
  replace: string;
  /** Test files, of which at least one test must fail. */
  tests: string[];
  /** Only tests whose full name matches this pattern, where a file is slow as a whole. */
  only?: string;
  /** The recovery action whose `apply` it takes away, or the probe or source that it blinds. */
  of?: string;
}

/** A promise that whole lines of stubs share. */
export function stubs(file: string, tests: string[], list: Omit<Stub, "file" | "tests">[]): Stub[] {
  return list.map((one) => ({ file, tests, ...one }));
}

/** Makes the edit in a copy of the tree, and gives what takes it back. Throws when it does not match exactly once. */
export function plant(stub: Stub, root: string): () => void {
  const path = join(root, stub.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, edited(stub, text));
  return () => writeFileSync(path, text);
}

/** The file with the edit. Throws when it does not match exactly once. */
export function edited({ name, file, find, replace }: Stub, text: string): string {
  const found = [...text.matchAll(pattern(find))];
  const [only] = found;
  if (!only || found.length > 1) {
    throw new Error(
      `The stub "${name}" must match once in ${file} and matches ${found.length} times: write it anew for the code as it is now.`,
    );
  }
  return text.slice(0, only.index) + replace + text.slice(only.index + only[0].length);
}

/** The formatter may break lines anywhere and add a comma before a closing bracket; a stub must outlive that. */
function pattern(find: string): RegExp {
  const tokens = find.match(/[\w$]+|[^\s\w$]/g) ?? [];
  const parts = tokens.map(
    (token) => `${/^[)\]}]$/.test(token) ? ",?\\s*" : ""}${token.replaceAll(/[^\w\s]/g, "\\$&")}`,
  );
  return new RegExp(parts.join("\\s*"), "g");
}
