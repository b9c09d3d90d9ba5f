import { createHash } from "node:crypto";

/**
 * A document carries the hash of its own text, so that a file shows by itself whether a person has changed it: no
 * record beside it could be lost, or be a crash older or newer than the file.
 */
const FOOTER = /\n<!-- As written by Muster: SHA-256 ([0-9a-f]{64}) of all above\. -->\n$/;

export function sealText(text: string): string {
  return `${text}\n<!-- As written by Muster: SHA-256 ${sha256(text)} of all above. -->\n`;
}

/** Pure: is it, to the letter, what Muster wrote? `known` holds hashes of whole files that the journal names. */
export function isOwnText(file: string, known: ReadonlySet<string> = new Set()): boolean {
  const [footer = "", said] = FOOTER.exec(file) ?? [];
  if (said === undefined) return known.has(sha256(file));
  return sha256(file.slice(0, -footer.length)) === said;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
