import { distance } from "fastest-levenshtein";

/** The nearest of the known words, if it is near enough to be what was meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().slice(0, 60);
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const apart = candidate.startsWith(wanted) && wanted.length >= 3 ? 0 : distance(wanted, candidate);
    if (!best || apart < best.distance) best = { word: candidate, distance: apart };
  }
  return best && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.word : undefined;
}
