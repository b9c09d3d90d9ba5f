import prettyMs from "pretty-ms";

/**
 * How amounts, moments and lists are written, on cards, in documents and in terminals alike. Durations are rounded
 * up: most of them are ceilings ("at most"), and a ceiling must not be rounded down.
 */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  const unitMs = ms < 1_000 ? 1 : ms < 10_000 ? 100 : 1_000;
  // Sums of seconds come as 300.00000000000006 ms, which is no reason for another one.
  const exactMs = Math.round(Math.max(0, ms) * 1_000) / 1_000;
  const rounded = Math.ceil(exactMs / unitMs) * unitMs;
  if (rounded === 0) return "0 s";
  return prettyMs(rounded).replace(/(?<=\d)(?=[a-z])/g, " ");
}

/** Between two instants; never negative, because clocks of two machines may disagree a little. */
export function elapsed(from: string, to: string): string {
  return duration(Math.max(0, Date.parse(to) - Date.parse(from)));
}

/** "02:14:07 UTC"; with the date before it when `reference` is another day, or when there is no reference. */
export function instant(iso: string | undefined, reference?: string): string {
  const text = isoSeconds(iso);
  if (text === undefined) return "unknown time";
  const sameDay = reference?.slice(0, 10) === text.slice(0, 10);
  return `${sameDay ? text.slice(11) : text} UTC`;
}

/** "2026-11-20 02:14:07", where a heading says that all times are UTC. */
export function plainInstant(iso: string): string {
  return isoSeconds(iso) ?? "unknown time";
}

/** "02:14:07 UTC", where the day is clear from the text around it. */
export function timeOfDay(iso: string): string {
  return instant(iso, isoSeconds(iso));
}

function isoSeconds(iso: string | undefined): string | undefined {
  const time = iso === undefined || iso === "" ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** "2026-11-20 02:14:07 to 02:15:30 UTC"; the day is said twice where it changed. */
export function span(from: string, to: string): string {
  return `${plainInstant(from)} to ${instant(to, plainInstant(from))}`;
}

/** "T+03:04" minutes and seconds after the start; hours appear when there are any. */
export function offset(startIso: string, iso: string): string {
  const seconds = Math.floor(Date.parse(iso) / 1_000) - Math.floor(Date.parse(startIso) / 1_000);
  const [hours, minutes, rest] = [3_600, 60, 1].map((unit, index) => {
    const whole = Math.floor(Math.abs(seconds) / unit);
    return index === 0 ? whole : whole % 60;
  }) as [number, number, number];
  const two = (value: number) => String(value).padStart(2, "0");
  return `T${seconds < 0 ? "-" : "+"}${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(rest)}`;
}

const numberFormat = new Intl.NumberFormat("en-US");

/** "1 step", "1,200 steps", "2 entries" */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${numberFormat.format(amount)} ${amount === 1 ? noun : plural}`;
}

/** To the byte as long as somebody might compare it: "7,162 bytes"; then "12 kB", "3.0 MB". */
export function bytes(amount: number): string {
  if (amount < 10_000) return count(Math.round(amount), "byte");
  const units = ["kB", "MB", "GB", "TB", "PB"];
  const power = Math.min(units.length, Math.floor(Math.log10(amount) / 3));
  const value = amount / 1_000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

/** 0.1 → "10 %"; one decimal where it says something, and never 0 % or 100 % for what is not quite that. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  if (value < 100 && value > 99.9) return "over 99.9 %";
  return `${Number(value.toFixed(1))} %`;
}

/** "us-east-1 90 %, eu-central 10 %" */
export function shares(byRegion: Record<string, number>): string {
  return Object.entries(byRegion)
    .map(([region, share]) => `${region} ${percent(share)}`)
    .join(", ");
}

/** "a", "a and b", "a, b and c" */
export function list(words: readonly string[], joint: "and" | "or" = "and"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${joint} ${words.at(-1)}`;
}

export function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** A text that people or vendors wrote, as a part of a longer sentence or before a bracket. */
export function clause(text: string): string {
  return text.trim().replace(/\.+$/, "");
}

/** Ends a text that people or vendors wrote the way a sentence ends. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** "failover" → "Failover", at the start of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `system:detector` is nobody; people read who of Muster it was. */
export function actorName(actor: string): string {
  return actor.startsWith("system:") ? `Muster (${actor.slice("system:".length)})` : actor;
}
