import { capital } from "../format.ts";

/** As its maker writes it: `pagerduty` → "PagerDuty"; others with a capital. */
export function systemName(id: string): string {
  return id === "pagerduty" ? "PagerDuty" : capital(id);
}
