/** Requests of the latest seconds for each region, as its edge would tell them. */
export function createStats(regions: string[]) {
  const seconds = new Map(regions.map((code) => [code, [] as { at: number; ok: boolean }[]]));
  return {
    note(region: string, ok: boolean): void {
      const list = seconds.get(region) ?? [];
      list.push({ at: Date.now(), ok });
      if (list.length > 20_000) list.splice(0, 10_000);
    },
    of: (region: string) => (windowSeconds: number) => {
      const from = Date.now() - windowSeconds * 1000;
      const within = (seconds.get(region) ?? []).filter(({ at }) => at >= from);
      return { windowSeconds, requests: within.length, errors: within.filter(({ ok }) => !ok).length };
    },
  };
}
