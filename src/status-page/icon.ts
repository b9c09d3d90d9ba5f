import type { ShownState } from "./views.ts";

/** Dark enough for a light row of tabs and light enough for a dark one; the page's own colours are in status.css. */
const COLOURS: Record<ShownState, string> = {
  operational: "#1a9850",
  degraded_performance: "#c98a00",
  partial_outage: "#e06c10",
  major_outage: "#d73a3a",
  unknown: "#7a8594",
};

/** How things are, as a dot in the tab. Within the page: a file beside it would be one more that may be missing. */
export function stateIcon(state: ShownState): string {
  const dot = `<circle cx="8" cy="8" r="7" fill="${COLOURS[state]}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${dot}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
