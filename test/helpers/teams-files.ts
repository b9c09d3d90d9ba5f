/** A document as it reads in its messages; the parts of a long one are put together by the reader. */
export function filesOf(card: unknown): { name: string; text: string }[] {
  const { body = [] } = (card ?? {}) as { body?: { id?: string; items?: Line[]; inlines?: Run[] }[] };
  const heading = textOf(body[0]?.items?.[0]);
  const name = /^📄 (\S+)/.exec(heading)?.[1];
  if (name === undefined) return [];
  return [
    {
      name,
      text: body
        .slice(1)
        .map((line) => textOf(line).replace(/^ $/, ""))
        .join("\n"),
    },
  ];
}

interface Run {
  text: string;
}
interface Line {
  inlines?: Run[];
}

function textOf(line: Line | undefined): string {
  return (line?.inlines ?? []).map(({ text }) => text).join("");
}
