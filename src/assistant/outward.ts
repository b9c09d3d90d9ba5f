import { redact } from "../journal/redact.ts";

/** The last look at a text before people read it: plain words, whatever a model, a vendor or an attacker put into it. */

/** Zero width, direction, and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
const LINK =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s“”]*|\bwww\.[^\s“”]+|\b(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\/[^\s“”]*|\b(?:mailto|data|javascript):[^\s“”]*/giu;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gu;
const PHONE = /\+\d[\d ()-]{7,18}\d/gu;
const ENCODED = /[A-Za-z0-9+/_-]{40,}={0,2}/gu;

/** One line of plain text: no secrets, addresses of people, links, mentions, markup or unseen characters. Pure. */
export function outward(text: string): string {
  const seen = text.replace(/\s+/gu, " ").replace(UNSEEN, "").normalize("NFKC");
  return withoutSplitSecrets(redact(seen))
    .replace(LINK, "[link]")
    .replace(EMAIL, "[redacted:email]")
    .replace(PHONE, "[redacted:phone]")
    .replace(/[<>]/g, "'")
    .replace(/`+/g, "'")
    .replace(/!?\[([^\]]{0,200})\]\(/g, "$1 (")
    .replace(/@(?=[\p{L}\p{N}])/gu, "(at)")
    .trim();
}

/** What people or vendors wrote, as a value: short, on one line, in quotation marks, and said to be theirs by these. */
export function quoted(text: string, most = 160): string {
  const plain = outward(text).replace(ENCODED, "[encoded text]").replace(/[“”]/g, '"');
  return `“${plain.length > most ? `${plain.slice(0, most - 1)}…` : plain}”`;
}

/** Two halves of a secret, each harmless in a field of its own, must not meet in a sentence. */
function withoutSplitSecrets(text: string): string {
  const joined = text.replace(/”[\s,;]*(?:and )?“/gu, "");
  return redact(joined) === joined ? text : "[withheld: its values would spell a secret]";
}
