/** Every step is checked for every pair of regions. */
export const mostRegions = 20;

/** A region as look-ups see it: its settings, and its own names, which no setting can hide. */
export function regionScope(
  code: string,
  { name, jurisdiction, settings }: { name: string; jurisdiction: string; settings: Record<string, unknown> },
): Record<string, unknown> {
  return { ...settings, code, name, jurisdiction };
}
