import { unwatchFile, watchFile } from "node:fs";
import { AppError, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Plan } from "../plans/plan.ts";
import { FileError, formatProblem } from "../plans/problem.ts";
import { peopleChanged, peopleFileRefused } from "./decide.ts";
import type { Person } from "./file.ts";
import { loadPeople } from "./people.ts";
import { quorumProblems } from "./quorum.ts";
import type { Roster } from "./roster.ts";
import { sha256 } from "./secret.ts";

export interface PeopleFileOptions {
  path: string;
  roster: Roster;
  plan: Plan;
  journal: Pick<Journal, "commit">;
  logger: Record<"info" | "warn" | "error", (fields: object, message: string) => void>;
  /** How often the file is looked at, and how long it must stand still before it is read. */
  lookEveryMs?: number;
}

const LOOK_EVERY_MS = 1_000;
const MOST_PROBLEMS = 10;

/**
 * Keeps the people of this process as the file has them. Polling sees what notifications miss: files that editors
 * replace, mounted secrets whose link is swapped, network disks.
 */
export function watchPeopleFile(options: PeopleFileOptions): { reload(): Promise<void>; stop(): Promise<void> } {
  const { path, logger, lookEveryMs = LOOK_EVERY_MS } = options;
  let settling: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  // One after the other: what was read later is in force later.
  const reload = () => {
    last = last
      .then(() => readAgain(options))
      .catch((error) => logger.error({ err: error }, "the people file could not be reloaded"));
    return last;
  };
  watchFile(path, { interval: lookEveryMs, persistent: false }, () => {
    clearTimeout(settling);
    // Half a file is what somebody still writes.
    settling = setTimeout(() => void reload(), lookEveryMs / 2);
  });
  return {
    reload,
    async stop() {
      unwatchFile(path);
      clearTimeout(settling);
      await last;
    },
  };
}

/** The first people of this process: what changed while it was away is told like any other change. */
export async function adoptPeople(options: Omit<PeopleFileOptions, "path">): Promise<void> {
  const { roster, journal, plan, logger } = options;
  const people = roster.people();
  await journal.commit((state) => peopleChanged(state, { ...summaryOf(people), others: [] }));
  for (const problem of quorumProblems(plan, roster.current().list()))
    logger.warn({ problem }, "an approval could never be given");
}

/** A file that cannot be used changes nothing but what `status` says. */
async function readAgain(options: PeopleFileOptions): Promise<void> {
  const { path, roster, journal, plan, logger } = options;
  const before = roster.people();
  try {
    const people = await loadPeople(path);
    // In force at once; the event about it may have to wait for the store.
    roster.replace(people);
    const others = changedOtherwise(before, people);
    const { events } = await journal.commit((state) => peopleChanged(state, { ...summaryOf(people), others }));
    if (events.length > 0) logger.info({ changes: events.map(({ data }) => data) }, "the people file was reloaded");
    for (const problem of quorumProblems(plan, roster.current().list()))
      logger.warn({ problem }, "an approval could never be given");
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "config-invalid") throw error;
    const { summary } = reportError(error);
    const problems = error instanceof FileError ? error.problems.slice(0, MOST_PROBLEMS).map(formatProblem) : [];
    logger.error({ summary, problems }, "the new people file is refused; the one before stays in force");
    await journal.commit((state) => peopleFileRefused(state, summary, problems));
  }
}

function summaryOf(people: readonly Person[]) {
  return {
    digest: sha256(JSON.stringify(people)),
    roster: Object.fromEntries(people.map(({ id, roles }) => [id, roles])),
  };
}

function changedOtherwise(before: readonly Person[], after: readonly Person[]): string[] {
  const rest = ({ roles: _, ...person }: Person) => JSON.stringify(person);
  const known = new Map(before.map((person) => [person.id, rest(person)]));
  return after.filter((person) => known.has(person.id) && known.get(person.id) !== rest(person)).map(({ id }) => id);
}
