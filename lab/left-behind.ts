import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What an emulator leaves in the lab's directory: secrets among it, so that nobody else may read it. */
const OURS_ALONE = 0o600;

/** What a Muster server must be given to reach it. */
export function leaveEnvironment(path: string, environment: Record<string, string>): void {
  leave(path, JSON.stringify(environment, null, 2));
}

export function leave(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: OURS_ALONE });
}

/** What the one before it kept; undefined the first time, or where that was killed: Muster posts anew what is missing. */
export function savedBefore<Saved>(path: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Saved;
  } catch {
    return undefined;
  }
}
