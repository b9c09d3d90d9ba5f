/** Breaks a line between words so that none is wider than `width`; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\s)/)) {
    let rest = word;
    if (line !== "" && (line + rest.trimEnd()).length > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    while (rest.trimEnd().length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line += rest;
  }
  return [...lines, line.trimEnd()];
}

type Tone = (text: string) => string;

/** A table as aligned lines that fit the width; columns that are empty in every row are left out. */
export function tableLines(
  { columns, rows }: { columns: string[]; rows: string[][] },
  width: number,
  toneOf: (cell: string) => Tone,
  dim: Tone,
): string[] {
  const used = columns.map((_, column) => column).filter((column) => rows.some((row) => (row[column] ?? "") !== ""));
  const pick = (cells: string[]) => used.map((column) => cells[column] ?? "");
  const widths = columnWidths([columns, ...rows].map(pick), width);
  const lines = (cells: string[], tone: (cell: string) => Tone) => rowLines(pick(cells), widths, tone);
  const head = columns.some((column) => column !== "") ? lines(columns, () => dim) : [];
  return [...head, ...rows.flatMap((row) => lines(row, toneOf))];
}

const GAP = 2;

/** Natural widths; the widest columns give way until all fit. */
function columnWidths(rows: string[][], width: number): number[] {
  const count = rows[0]?.length ?? 0;
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(1, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const room = Math.max(count * 8, width - GAP * (count - 1));
  while (widths.reduce((sum, one) => sum + one, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return widths;
}

function rowLines(cells: string[], widths: number[], toneOf: (cell: string) => Tone): string[] {
  const wrapped = cells.map((cell, column) => wrap(cell, widths[column] ?? 1));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) =>
    wrapped
      .map((lines, column) => {
        const text = lines[index] ?? "";
        const padding =
          column === wrapped.length - 1 ? "" : " ".repeat(Math.max(0, (widths[column] ?? 0) - text.length));
        return toneOf(cells[column] ?? "")(text) + padding;
      })
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}
