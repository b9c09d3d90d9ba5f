import type { ErrorCode } from "../errors.ts";

/** What the shell is told; `dr help` and docs/cli.md list the same. */
export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  notAllowed: 4,
  halted: 5,
  brokenJournal: 6,
  /** As shells say it of what SIGINT ended. */
  interrupted: 130,
} as const;

export const EXIT_TEXTS: readonly [code: number, text: string][] = [
  [EXIT.done, "done"],
  [EXIT.refused, "refused or failed"],
  [EXIT.usage, "bad usage"],
  [EXIT.unreachable, "server not reachable"],
  [EXIT.notAllowed, "not signed in or not allowed"],
  [EXIT.halted, "the run halted, was aborted or was cancelled (with --watch)"],
  [EXIT.brokenJournal, "the audit found a broken journal"],
  [EXIT.interrupted, "interrupted while it watched a run, which goes on (with --watch)"],
];

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case "bad-input":
    case "unknown-command":
      return EXIT.usage;
    case "server-unreachable":
      return EXIT.unreachable;
    case "not-authenticated":
    case "not-allowed":
    case "unknown-principal":
      return EXIT.notAllowed;
    default:
      return EXIT.refused;
  }
}
