import type { Divergence } from "../detection/events.ts";
import { bytes, clause, count } from "../format.ts";

/** What two copies hold that the other does not: "3 records only there, none differs; only in the other, written since: 120 records". */
export function divergenceText(found: Divergence): string {
  const { onlyNew, cut } = found;
  const least = cut === undefined ? "" : "at least ";
  const since = onlyNew === 0 ? "none" : `${least}${count(onlyNew, "record")}`;
  const text = `${leftText(found)}; only in the other, written since: ${since}${beyond(found.bytesOnlyNew)}`;
  return cut === undefined ? text : `${text}; NOT COMPLETE: ${clause(cut)}`;
}

/** What only the copy that was left holds: "3 records only there (310 bytes beyond the shared history), 1 record differs". */
export function leftText({ onlyOld, differing, bytesOnlyOld, cut }: Divergence): string {
  const least = cut === undefined ? "" : "at least ";
  const alone = onlyOld === 0 ? "no record" : `${least}${count(onlyOld, "record")}`;
  const other =
    differing === 0
      ? "none differs"
      : `${least}${count(differing, "record")} ${differing === 1 ? "differs" : "differ"}`;
  return `${alone} only there${beyond(bytesOnlyOld)}, ${other}`;
}

function beyond(amount: number | undefined): string {
  return amount === undefined ? "" : ` (${bytes(amount)} beyond the shared history)`;
}

/** Nothing would be given up by following: all was compared, and the old copy has nothing that the other lacks. */
export function isEmpty({ onlyOld, differing, cut }: Divergence): boolean {
  return onlyOld === 0 && differing === 0 && cut === undefined;
}
