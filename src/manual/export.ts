import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import type { Plan } from "../plans/plan.ts";
import type { Registry } from "../ports.ts";
import { writeWhole } from "../write-whole.ts";
import { manualRunbook, manualSubjects } from "./runbook.ts";

/**
 * Writes `<directory>/<application>/<runbook>-<source>-to-<target>.md` for a plan, and removes those of runbooks
 * that it has no more. May be repeated; each file is replaced at once. Throws AppError where the disk refuses.
 */
export async function exportManualRunbooks(directory: string, plan: Plan, registry: Registry): Promise<string[]> {
  const folder = join(directory, plan.application);
  const documents = manualSubjects(plan).map((subject) => manualRunbook(subject, registry));
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of documents) await writeWhole(folder, join(folder, name), text);
    const names = new Set(documents.map(({ name }) => name));
    const old = (await readdir(folder)).filter((name) => /^[\w.-]+-to-[\w.-]+\.md$/.test(name) && !names.has(name));
    for (const name of old) await rm(join(folder, name), { force: true });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "no reason given";
    throw new AppError({
      code: "store-unavailable",
      summary: `The runbooks for hands could not be written to ${folder} (${reason}).`,
      hint: "Make the directory writable, or name another one with MUSTER_RUNBOOKS.",
      cause,
    });
  }
  return documents.map(({ name }) => join(folder, name));
}
