import { AppError, type ErrorCode } from "../errors.ts";

/** One mistake in a file, where it stands, and what to do about it. */
export interface Problem {
  file: string;
  /** Both from 1, as editors count. */
  line: number;
  column: number;
  /** `runbooks.failover.steps[2].with.url`; empty for the file as a whole. */
  path: string;
  message: string;
  hint: string;
}

export type Path = readonly (string | number)[];

/** A mistake found in the values, before anybody has looked up where in the file it stands. */
export interface Finding {
  path: Path;
  message: string;
  hint: string;
  /** The mistake is the key itself (unknown, misspelt), not what stands behind it. */
  atKey?: boolean;
}

export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

export function formatProblem({ file, line, column, message, hint }: Problem): string {
  return `${file}:${line}:${column} ${message}${hint === "" ? "" : `. ${hint}`}`;
}

/** Enough to work on; the rest is counted, so that no error grows without bound. */
const mostShown = 50;

export function formatProblems(problems: Problem[]): string {
  const lines = problems.slice(0, mostShown).map(formatProblem);
  if (problems.length > mostShown) lines.push(`… and ${problems.length - mostShown} more`);
  return lines.join("\n");
}

/** A file that cannot be used. The summary counts the problems, the hint lists them, `problems` carries them all. */
export class FileError extends AppError {
  readonly problems: Problem[];

  constructor(code: ErrorCode, file: string, problems: Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super({ code, summary: `${file} has ${count}.`, hint: formatProblems(problems) });
    this.problems = problems;
  }
}

export function inFileOrder(problems: Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}
