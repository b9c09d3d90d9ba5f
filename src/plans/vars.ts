import { didYouMean } from "./did-you-mean.ts";
import { hasLookup } from "./expressions.ts";
import { type Finding, formatPath, type Path } from "./problem.ts";

type Group = Record<string, unknown>;

export function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Lays an installation's values over the plan's, group by group. It may replace what the plan has and add
 * nothing: a name that the plan does not know would be looked up by nobody.
 */
export function overlayVars(vars: Group, overlay: Group, path: Path = []): { vars: Group; findings: Finding[] } {
  const findings: Finding[] = [];
  const merged = Object.entries(overlay).map(([key, value]): [string, unknown] => {
    const at = [...path, key];
    const known = Object.hasOwn(vars, key) ? vars[key] : undefined;
    if (known === undefined) {
      const message = `the plan knows no ${formatPath(["vars", ...at])}`;
      findings.push({ path: at, message, hint: didYouMean(key, Object.keys(vars), "It knows"), atKey: true });
    } else if (isGroup(known) && isGroup(value)) {
      const inner = overlayVars(known, value, at);
      findings.push(...inner.findings);
      return [key, inner.vars];
    } else if (isGroup(known) !== isGroup(value)) {
      const message = `${formatPath(["vars", ...at])} is ${isGroup(known) ? "a group" : "one value"} in the plan`;
      findings.push({ path: at, message, hint: "Give it the same shape as in the plan." });
    }
    return [key, value];
  });
  return { vars: { ...vars, ...Object.fromEntries(merged) }, findings };
}

/** Vars are the ends of look-ups: one inside another would have to be resolved in some order. */
export function lookupsInVars(value: unknown, path: Path): Finding[] {
  if (hasLookup(value))
    return [{ path, message: "vars hold plain values, no look-ups", hint: "Write the value itself." }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    lookupsInVars(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
