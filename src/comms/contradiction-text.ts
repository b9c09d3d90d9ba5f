import type { Contradiction } from "./events.ts";

/** What is wrong with a page, as the middle of a sentence. */
export function contradictionText(problem: Contradiction): string {
  switch (problem.what) {
    case "component":
      return `it says "${problem.name}" is ${words(problem.says)}, and what is seen is ${words(problem.seen)}`;
    case "update":
      return `status update ${problem.updateId} was posted and does not stand there`;
    case "away":
      return `nobody can read it (${problem.summary})`;
  }
}

function words(state: string): string {
  return state.replaceAll("_", " ");
}
