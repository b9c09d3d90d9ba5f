import { describeEvent } from "../events/describe.ts";
import { isOnTimeline } from "../events/pins.ts";
import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";
import type { ReportContext } from "./input.ts";
import { weightOf } from "./weight.ts";

/** One line of a timeline. */
export interface TimelineLine {
  seq: number;
  at: string;
  text: string;
  /** Lines that were left out just before this one, because a list has a bound. */
  omittedBefore?: number;
}

/** Everything worth a line, up to this many: the first half and the last half of a longer story. */
const FULL_LINES = 2_000;
const KEY_LINES = 120;

export function fullTimeline({ own, events, state }: ReportContext): TimelineLine[] {
  return bound(linesOf(meaningful(own, events, state), state), FULL_LINES);
}

/** The events without which the story cannot be told; the full timeline has every step of every run. */
export function keyTimeline(context: ReportContext): TimelineLine[] {
  return bound(keyLines(context), KEY_LINES);
}

export function keyLines(
  { own, events, state }: ReportContext,
  isWanted: (event: DomainEvent) => boolean = isKey,
): TimelineLine[] {
  return linesOf(meaningful(own, events, state).filter(isWanted), state);
}

function isKey(event: DomainEvent): boolean {
  return weightOf(event) === "key";
}

function linesOf(events: readonly DomainEvent[], state: AppState): TimelineLine[] {
  return events.map((event) => ({ seq: event.seq, at: event.at, text: describeEvent(event, state) }));
}

/** Without hidden kinds, and without samples that say what the one before said. */
function meaningful(own: readonly DomainEvent[], all: readonly DomainEvent[], state: AppState): DomainEvent[] {
  const wanted = new Set(own.map(({ seq }) => seq));
  const last = new Map<string, string>();
  return all.filter((event) => {
    let news = true;
    if (event.kind === "replication.sampled") {
      const { store, source, target, loss, withinBudget } = event.data;
      const key = `${store}/${source}/${target}`;
      const now = `${loss.kind}/${withinBudget}`;
      news = last.get(key) !== now;
      last.set(key, now);
    }
    return news && wanted.has(event.seq) && weightOf(event) !== "hidden" && isOnTimeline(event, state);
  });
}

/** The first and the last of too many lines. */
export function bound(lines: TimelineLine[], most: number): TimelineLine[] {
  if (lines.length <= most) return lines;
  const half = Math.floor(most / 2);
  const tail = lines
    .slice(-half)
    .map((line, index) => (index === 0 ? { ...line, omittedBefore: lines.length - 2 * half } : line));
  return [...lines.slice(0, half), ...tail];
}
