import type { ChatFile } from "../../../src/chat/port.ts";
import { type AdaptiveCard, bold, frame, line, markerId, run } from "./elements.ts";

/**
 * Bots cannot put files into a channel without rights over the team's SharePoint, which no team owner can give.
 * A document is therefore said whole in its thread, in as many messages as it takes.
 */
const PART_CHARACTERS = 12_000;
const MOST_PARTS = 20;

export interface FilePart {
  marker: string;
  card: AdaptiveCard;
  fallback: string;
}

export function fileCards({ name, text }: ChatFile, marker: string): FilePart[] {
  const parts = split(text);
  return parts.map((part, index) => {
    const number = `${index + 1}/${parts.length}`;
    const own = `${marker}/${number}`;
    const heading = `📄 ${name}${parts.length > 1 ? ` (${number})` : ""}`;
    const lines = part.map((one, at) => line([run(one)], { id: `text-${at}`, spacing: "None" }));
    const title = { type: "Container", id: markerId(own), items: [line([run(heading, bold)])] };
    return { marker: own, card: { ...frame([title, ...lines]), msteams: { width: "Full" } }, fallback: heading };
  });
}

/** Lines in groups that stay within a message, also where every character takes four bytes. */
function split(text: string): string[][] {
  const parts: string[][] = [[]];
  let length = 0;
  for (const one of text.split("\n").flatMap(pieces)) {
    if (length + one.length > PART_CHARACTERS) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(one);
    // Each line is an element of its own, with a frame.
    length += one.length + 120;
  }
  if (parts.length <= MOST_PARTS) return parts;
  const left = parts.length - MOST_PARTS;
  return [
    ...parts.slice(0, MOST_PARTS - 1),
    [...(parts[MOST_PARTS - 1] ?? []), `… ${left} more parts: the reports directory has all of it.`],
  ];
}

function pieces(one: string): string[] {
  if (one.length <= PART_CHARACTERS) return [one];
  return Array.from({ length: Math.ceil(one.length / PART_CHARACTERS) }, (_, index) =>
    one.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS),
  );
}
