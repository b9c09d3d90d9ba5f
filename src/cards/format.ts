import prettyMs from "pretty-ms";

/** `02:14:07 UTC`; with the date before it when `reference` is another day, or when there is no reference. */
export function utc(iso: string | undefined, reference?: string): string {
  const time = iso === undefined || iso === "" ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(time)) return "unknown time";
  const text = new Date(time).toISOString();
  const clock = `${text.slice(11, 19)} UTC`;
  return reference?.slice(0, 10) === text.slice(0, 10) ? clock : `${text.slice(0, 10)} ${clock}`;
}

/** `1 m 12 s`, `450 ms`, `0 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  const rounded = ms >= 10_000 ? Math.round(ms / 1000) * 1000 : Math.max(0, Math.round(ms));
  if (rounded === 0) return "0 s";
  const text = prettyMs(rounded, { secondsDecimalDigits: rounded < 10_000 ? 1 : 0, unitCount: 3 });
  return text.replace(/(\d)([a-z])/g, "$1 $2");
}

/** Between two instants; never negative, because clocks of two machines may disagree a little. */
export function elapsed(from: string, to: string): string {
  return duration(Math.max(0, Date.parse(to) - Date.parse(from)));
}

export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  const units = ["kB", "MB", "GB", "TB", "PB"];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

/** `0.4 s`, `12 s`, `2 m 5 s`: seconds as people say them. */
export function seconds(count: number): string {
  if (count === 0) return "0 s";
  return count < 10 ? `${Number(count.toFixed(1)) || "under 0.1"} s` : duration(count * 1000);
}

/** `20 %`; one decimal where it says something, and never 0 % or 100 % for what is not quite that. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  if (value < 100 && value > 99.9) return "over 99.9 %";
  return `${Number.isInteger(value) ? value : Number(value.toFixed(1))} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** `system:detector` is nobody; people read who of Muster it was. */
export function actorName(actor: string): string {
  return actor.startsWith("system:") ? `Muster (${actor.slice("system:".length)})` : actor;
}

/** A small JSON object as people read it: `replicas 10, ready 8`. Long identities are cut to what tells them apart. */
export function inWords(value: unknown, length = 160): string {
  return clip(words(value), length);
}

function words(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(words).join(" + ");
  if (typeof value !== "object") return String(value).replace(/\b([0-9a-f]{8})[0-9a-f]{16,}\b/g, "$1…");
  const pairs = Object.entries(value).map(([key, inner]) => [key, words(inner), typeof inner === "object"] as const);
  return pairs.map(([key, text, nested]) => `${key} ${nested ? `(${text})` : text}`).join(", ");
}
