import prettyMs from "pretty-ms";
import type { LossAssessment } from "../detection/events.ts";

/**
 * How numbers and moments are written in documents and timelines. Durations are rounded up: most of them are
 * ceilings ("at most"), and a ceiling must not be rounded down.
 */
export function duration(ms: number): string {
  const unitMs = ms < 1_000 ? 1 : ms < 60_000 ? 100 : 1_000;
  const rounded = Math.ceil(Math.max(0, ms) / unitMs) * unitMs;
  if (rounded === 0) return "0 s";
  return prettyMs(rounded).replace(/(?<=\d)(?=[a-z])/g, " ");
}

/** "2026-11-20 02:14:07 UTC" */
export function instant(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** "2026-11-20 02:14:07", where a heading says that all times are UTC. */
export function plainInstant(iso: string): string {
  return instant(iso).slice(0, 19);
}

/** "02:14:07 UTC", where the day is clear from the text around it. */
export function timeOfDay(iso: string): string {
  return instant(iso).slice(11);
}

/** "2026-11-20 02:14:07 to 02:15:30 UTC"; the day is said twice where it changed. */
export function span(from: string, to: string): string {
  const sameDay = instant(from).slice(0, 10) === instant(to).slice(0, 10);
  return `${plainInstant(from)} to ${sameDay ? timeOfDay(to) : instant(to)}`;
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

const percentFormat = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const numberFormat = new Intl.NumberFormat("en-US");

/** 0.1 → "10 %" */
export function percent(share: number): string {
  return `${percentFormat.format(share * 100)} %`;
}

/** "1 step", "1,200 steps" */
export function count(amount: number, noun: string): string {
  return `${numberFormat.format(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c" */
export function list(words: readonly string[], joint: "and" | "or" = "and"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${joint} ${words.at(-1)}`;
}

/** "us-east-1 90 %, eu-central 10 %" */
export function shares(byRegion: Record<string, number>): string {
  return Object.entries(byRegion)
    .map(([region, share]) => `${region} ${percent(share)}`)
    .join(", ");
}

/** What a loss assessment says, in the words of measured, bounded and unknown. */
export function lossText(loss: LossAssessment): string {
  switch (loss.kind) {
    case "measured":
      if (loss.bytes === 0 && loss.seconds === 0) return "nothing (measured)";
      return `at most ${duration(loss.seconds * 1_000)} of writes, ${count(loss.bytes, "byte")} (measured)`;
    case "bounded":
      return (
        `at most ${duration(loss.seconds * 1_000)} of writes (bounded; ${count(loss.bytes, "byte")} were outstanding when ` +
        `the primary last answered at ${timeOfDay(loss.headAt)}, and more may have followed)`
      );
    case "unknown":
      return `an unknown amount (${loss.reason})`;
  }
}

/** What a loss assessment says in a few words, where the details stand elsewhere. */
export function lossInShort(loss: LossAssessment): string {
  if (loss.kind === "unknown") return "an unknown amount of writes";
  if (loss.bytes === 0 && loss.seconds === 0) return "no writes (measured)";
  return `at most ${duration(loss.seconds * 1_000)} of writes (${loss.kind})`;
}

/** A text that people wrote, as a part of a longer sentence. */
export function clause(text: string): string {
  return text.trim().replace(/\.+$/, "");
}

/** Ends a text that people wrote the way a sentence ends. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** "failover" → "Failover", at the start of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
