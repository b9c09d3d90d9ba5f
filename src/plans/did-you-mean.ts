import { distance } from "fastest-levenshtein";

/** "Did you mean …?" when a known word is near, else the list of what is known. */
export function didYouMean(word: string, known: Iterable<string>, what = "Known here"): string {
  const words = [...known];
  const best = words
    .map((candidate) => ({ candidate, apart: distance(word.toLowerCase().slice(0, 80), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.apart - b.apart)[0];
  if (best && best.apart <= Math.max(2, Math.floor(word.length / 3))) return `Did you mean ${best.candidate}?`;
  return words.length === 0 ? `${what}: nothing.` : `${what}: ${listed(words)}.`;
}

function listed(words: string[]): string {
  const most = 20;
  return words.length <= most ? words.join(", ") : `${words.slice(0, most).join(", ")} and ${words.length - most} more`;
}
