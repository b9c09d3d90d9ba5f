import { didYouMean } from "./did-you-mean.ts";
import type { Finding, Path } from "./problem.ts";

/**
 * `${{ a.b.c }}`: a look-up and nothing else, so that a reader of the plan knows what it will be without
 * running anything. A string that is one look-up takes the looked-up value with its type; within a longer
 * string the value becomes text.
 */
const lookup = /\$\{\{([^{}]*)\}\}/g;
const onlyLookup = /^\$\{\{([^{}]*)\}\}$/;
const name = /^[A-Za-z_][\w-]*(\.[A-Za-z0-9_][\w-]*)*$/;

export interface Scope {
  /** Roots that are looked up now. */
  now: Record<string, unknown>;
  /** Roots that are known at this place and looked up later; they stay as they are written. */
  later?(path: Path): readonly string[];
  /** Says in words that fit the scope what is missing at this segment. */
  missing?(segments: string[], at: number): string | undefined;
}

export function hasLookup(value: unknown): boolean {
  return typeof value === "string" && value.includes("${{");
}

/** The root and names of a string that is exactly one look-up. */
export function wholeLookup(value: unknown): string | undefined {
  return typeof value === "string" ? onlyLookup.exec(value)?.[1]?.trim() : undefined;
}

/** Gives the value with every look-up of `scope.now` replaced; what is wrong goes to `findings`. */
export function substitute(value: unknown, scope: Scope, findings: Finding[], path: Path = []): unknown {
  if (typeof value === "string") return value.includes("${{") ? substituteText(value, scope, findings, path) : value;
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, scope, findings, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substitute(item, scope, findings, [...path, key])]),
  );
}

function substituteText(text: string, scope: Scope, findings: Finding[], path: Path): unknown {
  const report = (message: string, hint: string) => findings.push({ path, message, hint });
  if (text.replaceAll(lookup, "").includes("${{")) {
    report("a look-up is not closed, or holds braces", "Write it as ${{ vars.name }}.");
    return text;
  }
  const whole = onlyLookup.exec(text);
  if (whole) {
    const found = lookUp(whole[1] ?? "", scope, path, report);
    return found === undefined ? text : found.value;
  }
  return text.replaceAll(lookup, (written, inner: string) => {
    const found = lookUp(inner, scope, path, report);
    if (found === undefined) return written;
    if (typeof found.value !== "object") return String(found.value);
    report(`${written} is a group of values and cannot stand within a text`, "Look up one of the names in it.");
    return written;
  });
}

/** `undefined` when it is to be left as written: reported as wrong, or looked up later. */
function lookUp(inner: string, scope: Scope, path: Path, report: (message: string, hint: string) => void) {
  const written = inner.trim();
  const shown = `\${{ ${written} }}`;
  if (!name.test(written)) {
    report(
      `${shown} is not a look-up`,
      "A look-up is names joined by dots (vars.regions.home); there are no operators or functions.",
    );
    return undefined;
  }
  const segments = written.split(".");
  const later = scope.later?.(path) ?? [];
  if (later.includes(segments[0] ?? "")) return undefined;
  let value: unknown = scope.now;
  for (const [index, segment] of segments.entries()) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) {
      const known = [...(index === 0 ? later : []), ...namesIn(value)];
      const group = segments.slice(0, index).join(".");
      const absent = index === 0 ? `${segment} cannot be looked up here` : `there is no ${segment} in ${group}`;
      const message = scope.missing?.(segments, index) ?? `${shown}: ${absent}`;
      report(message, didYouMean(segment, known, "Known there"));
      return undefined;
    }
    value = (value as Record<string, unknown>)[segment];
  }
  return { value };
}

function namesIn(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
