import { createColors } from "picocolors";
import type { Checked } from "../doctor/check.ts";
import { count } from "../format.ts";

const MARKS: Record<Checked["state"], string> = { ok: "✓", warning: "!", failed: "✗", off: "·" };

/** What was found, grouped by what it is about; what is well takes one line, what is not says what to do. */
export function doctorText(found: readonly Checked[], colored: boolean): string {
  const colors = createColors(colored);
  const tones = { ok: colors.green, warning: colors.yellow, failed: colors.red, off: colors.dim };
  const areas = [...new Set(found.map(({ area }) => area))];
  const lines = areas.flatMap((area) => [
    colors.bold(area),
    ...found
      .filter((one) => one.area === area)
      .flatMap(({ state, name, said, fix }) => [
        `  ${tones[state](MARKS[state])} ${name}: ${said}`,
        ...(fix !== undefined && state !== "ok" ? [`    ${colors.dim("→")} ${fix}`] : []),
      ]),
  ]);
  return [...lines, "", verdict(found)].join("\n");
}

function verdict(found: readonly Checked[]): string {
  const failed = found.filter(({ state }) => state === "failed").length;
  const warnings = found.filter(({ state }) => state === "warning").length;
  const doubts = warnings > 0 ? `, ${count(warnings, "warning")}` : "";
  return failed > 0 ? `${count(failed, "check")} failed${doubts}.` : `Everything that is configured works${doubts}.`;
}
