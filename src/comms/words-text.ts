import { actorName, clause } from "../format.ts";
import type { Words } from "./events.ts";

/** Whose words an update has, as the end of a sentence. */
export function wordsText(words: Words): string {
  switch (words.by) {
    case "model":
      return `in the words of model ${words.model}, checked by code`;
    case "person":
      return `in the words of ${actorName(words.principal)}`;
    case "template":
      return words.because === undefined
        ? "in the words of its template"
        : `in the words of its template (none by a model: ${clause(words.because)})`;
  }
}
