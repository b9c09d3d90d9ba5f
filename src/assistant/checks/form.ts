import { redact } from "../../journal/redact.ts";
import { type CheckContext, containsWord, type Fault, fault } from "../fault.ts";
import { NUMBERS } from "../lexicon.ts";

const LONGEST = 400;

/** Zero width, direction, and letters of other scripts that look like ours. */
const HIDDEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
const FOREIGN = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;
const ENGLISH =
  /\b(?:the|of|and|to|were|is|at|by|for|with|that|it|from|after|before|had|has|been|which|when|while|its|this|there|as|on|until|than|may|again|about|we|have|into|or)\b/giu;
const BASE64 = /[A-Za-z0-9+/]{40,}={0,2}/;

/** One plain English sentence that carries nothing else along. */
export function formFaults(text: string, prose: string, longest = LONGEST): Fault[] {
  const faults: Fault[] = [];
  if (text.length > longest) faults.push(...fault("too-long", `At most ${longest} characters; split it.`));
  if (HIDDEN.test(text)) faults.push(...fault("hidden-text", "It holds characters that cannot be seen."));
  if (FOREIGN.test(prose)) faults.push(...fault("language", "It holds letters that are not Latin."));
  if (/https?:|www\.|\]\(|!\[|<[a-z/!]/iu.test(text)) faults.push(...fault("link", "No links, images or HTML."));
  if (/(?<![\p{L}\p{N}])@[\p{L}\p{N}]|<[!@#]/u.test(text)) faults.push(...fault("mention", "No mentions."));
  if (/^\s*(?:[#>|*-]|\d+\.)|```|\n/u.test(text)) faults.push(...fault("markup", "One sentence of plain text."));
  if (redact(text) !== text || BASE64.test(prose)) faults.push(...fault("secret", "It looks as if it held a secret."));
  const words = prose.match(/\p{L}+/gu) ?? [];
  const english = prose.match(ENGLISH) ?? [];
  if (words.length >= 6 && english.length / words.length < 0.1) faults.push(...fault("language", "Write English."));
  return faults;
}

/** Values and names are for code to write. */
export function valueFaults(prose: string, { names }: Pick<CheckContext, "names">): Fault[] {
  const literal = /\d/u.exec(prose) ?? NUMBERS.exec(prose);
  const name = names.find((one) => containsWord(prose, one));
  return [
    ...(literal ? fault("literal-value", `"${literal[0]}" is a value: refer to it.`) : []),
    ...(name === undefined ? [] : fault("literal-name", `"${name}" is a name: refer to it.`)),
  ];
}
