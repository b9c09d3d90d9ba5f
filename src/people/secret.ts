import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

/** Secrets that people carry. Only a hash of one is kept; they are random, so that a plain SHA-256 is enough. */

/** `mst_` shows to people, scanners and our own redaction what it is; the number finds its hash. */
const TOKEN = /^mst_([1-9]\d{0,9})_([\w-]{43})$/;
/** Without I, L, O and U, which are misread. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE = /^([1-9]\d{0,9})-([0-9A-Z]{4})-([0-9A-Z]{4})-([0-9A-Z]{4})$/;

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Takes as long for a hash that nearly matches as for one that does not. */
export function sameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
  return left.length === 32 && left.length === right.length && timingSafeEqual(left, right);
}

export function makeToken(number: number, secret: string): string {
  return `mst_${number}_${secret}`;
}

/** 256 bits. */
export function makeSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function parseToken(text: string): { tokenId: string } | undefined {
  const [, number] = TOKEN.exec(text) ?? [];
  return number === undefined ? undefined : { tokenId: `tk-${number}` };
}

/** 60 bits, for ten minutes: short enough to be typed into a phone. */
export function makeCodeSecret(): string {
  const part = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return [part(), part(), part()].join("-");
}

export function makeCode(codeId: string, secret: string): string {
  return `${codeId}-${secret}`;
}

/** As people type it: in any case, and with the dashes that phones put in. */
export function parseCode(text: string): { codeId: string; code: string } | undefined {
  const code = text
    .trim()
    .toUpperCase()
    .replaceAll(/[‐-―−]/g, "-");
  const [, codeId] = CODE.exec(code) ?? [];
  return codeId === undefined ? undefined : { codeId, code };
}
