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
  if (isCramped([columns, ...rows].map(pick), widths)) {
    const blocks = rows.map((row) => stackedLines(pick(columns), pick(row), width, toneOf, dim));
    return blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
  }
  const lines = (cells: string[], tone: (cell: string) => Tone) => rowLines(pick(cells), widths, tone);
  const head = columns.some((column) => column !== "") ? lines(columns, () => dim) : [];
  return [...head, ...rows.flatMap((row) => lines(row, toneOf))];
}

const GAP = 2;
const READABLE = 18;

/** Words are broken in the middle when several columns are this narrow: nobody can read down such a table. */
function isCramped(rows: string[][], widths: number[]): boolean {
  const cut = widths.filter(
    (width, column) => width < READABLE && rows.some((row) => (row[column]?.length ?? 0) > width),
  );
  return cut.length > 2;
}

/** A row below the other, each cell with the name of its column; the first one is the heading. */
function stackedLines(
  columns: string[],
  cells: string[],
  width: number,
  toneOf: (cell: string) => Tone,
  dim: Tone,
): string[] {
  const [heading = "", ...rest] = cells;
  const labelWidth = Math.max(...columns.slice(1).map(({ length }) => length));
  const room = Math.max(READABLE, width - labelWidth - 2 * GAP);
  return [
    ...wrap(heading, width),
    ...rest.flatMap((cell, index) =>
      cell === ""
        ? []
        : wrap(cell, room).map((line, row) => {
            const label = (row === 0 ? (columns[index + 1] ?? "") : "").padEnd(labelWidth);
            return `  ${dim(label)}  ${toneOf(cell)(line)}`.trimEnd();
          }),
    ),
  ];
}

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
