import { describe, expect, it } from "vitest";
import { readSources } from "./sources.ts";

const sources = readSources("src", "commands", "adapters", "lab");

/** What each file loads at run time; types are gone by then. */
const loads = new Map(
  sources.map(({ file, imports }) => [
    file,
    imports.filter(({ from, typeOnly }) => from.startsWith(".") && !typeOnly).map(({ to }) => to),
  ]),
);

/** Folders of `src` that need each other. They are known, and no more may come; take away a line that has gone. */
const KNOWN_PAIRS = ["approvals ⇄ runs", "cards ⇄ commands", "detection ⇄ runs", "incidents ⇄ runs"];

describe("cycles of imports", () => {
  it("do not exist between files", () => {
    expect(cycles(loads)).toEqual([]);
  });

  it("do not exist between the folders of src, but for those that are known", () => {
    const folders = new Map<string, Set<string>>();
    for (const [file, targets] of loads) {
      const from = folderOf(file);
      if (!from) continue;
      const known = folders.get(from) ?? new Set();
      for (const to of targets.map(folderOf)) if (to && to !== from) known.add(to);
      folders.set(from, known);
    }
    const pairs = [...folders].flatMap(([from, targets]) =>
      [...targets].filter((to) => from < to && folders.get(to)?.has(from)).map((to) => `${from} ⇄ ${to}`),
    );
    expect(pairs.toSorted()).toEqual(KNOWN_PAIRS);
  });
});

/** `src/runs/decide.ts` → `runs`; files of src itself wire or are shared, and are nobody's folder. */
function folderOf(file: string): string | undefined {
  const [top, folder, ...rest] = file.split("/");
  return top === "src" && rest.length > 0 ? folder : undefined;
}

/** Each cycle once, as the path around it. */
function cycles(graph: ReadonlyMap<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(" → "));
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}
