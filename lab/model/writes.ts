import { lessonLines } from "./lesson-claims.ts";
import { type Reading, readPrompt } from "./reading.ts";
import type { Scene } from "./scenes.ts";
import type { Asked } from "./server.ts";
import { isDown, type Line, storyLines } from "./story-claims.ts";
import { wordingFor } from "./wording.ts";

/** What the prompt allows a summary at most, less what code may have to add. */
const MOST = 10;

/**
 * A model that writes drafts from the prompt alone, by rule. It errs as models do: one claim has a number of its own,
 * which it mends when it is told, and one invents a cause, which it cannot.
 */
export function writesDrafts({ system, user }: Asked): Scene {
  const written = outputFor(user);
  if (written === undefined) return { does: "refuses", text: "This model writes drafts of documents only." };
  // Four characters a token, as English takes.
  const tokens = (text: string) => Math.ceil(text.length / 4);
  const usage = { prompt_tokens: tokens(system + user), completion_tokens: tokens(JSON.stringify(written)) };
  return { does: "writes", output: written, usage };
}

function outputFor(user: string): object | undefined {
  const wording = wordingFor(user);
  if (wording !== undefined) return { text: wording };
  const reading = readPrompt(user);
  return reading && { claims: reading.faults.length > 0 ? mend(reading) : draft(reading) };
}

function draft(reading: Reading): object[] {
  const claims = reading.sections.flatMap((section) => linesOf(section, reading).map((line) => ({ section, ...line })));
  const errors = reading.hint === undefined ? errorsIn(reading) : [];
  return [...claims, ...errors].map((claim, index) => whole(claim, `c${index + 1}`, reading));
}

function linesOf(section: string, reading: Reading): Line[] {
  const lines = section === "summary" ? storyLines(reading) : lessonLines(section, reading);
  const asked = hinted(lines, reading);
  const kept = new Set(asked.toSorted((one, other) => other.weight - one.weight).slice(0, MOST));
  return asked.filter((line) => kept.has(line));
}

/** What a person wants looked at comes alone, if there is anything of it. */
function hinted(lines: Line[], { hint, facts }: Reading): Line[] {
  // People stand as "somebody" in every prompt, which says nothing of what is meant.
  const words = ((hint ?? "").toLowerCase().match(/\p{L}{4,}/gu) ?? []).filter((word) => word !== "somebody");
  const about = (id: string) => {
    const { sentence = "", kind = "" } = facts.find((one) => one.id === id) ?? {};
    return words.some((word) => `${kind} ${sentence}`.toLowerCase().includes(word));
  };
  const found = lines.filter(({ eventIds }) => eventIds.some(about));
  return found.length > 0 ? found : lines;
}

function errorsIn({ sections, facts }: Reading): (Line & { section: string })[] {
  const [down, moved] = [facts.find(isDown), facts.find(({ kind }) => kind === "traffic.changed")];
  if (!down || !moved || !sections.includes("summary")) return [];
  const of = { section: "summary", kind: "fact" as const, weight: 0 };
  return [
    {
      ...of,
      eventIds: [moved.id],
      text: "Within 2 seconds traffic was redirected: {{ID.shares}}.".replace("ID", moved.id),
    },
    { ...of, eventIds: [down.id], text: `{{${down.id}.region}} failed because of a bad deployment.` },
  ];
}

/** It has learnt that a number is not for it to write, and goes on believing in the deployment. */
function mend({ faults }: Reading): object[] {
  return faults.map((claim) => {
    const [id = ""] = (claim.eventIds as string[] | undefined) ?? [];
    const isNumber = String(claim.text).startsWith("Within 2 seconds");
    return isNumber ? { ...claim, text: `Traffic was redirected at {{${id}.at}}: {{${id}.shares}}.` } : claim;
  });
}

function whole(
  { section, kind, eventIds, text, against, type, priority }: Line & { section: string },
  id: string,
  { document }: Reading,
) {
  const bare = { id, section, kind, eventIds, text };
  if (document === "status-report") return bare;
  return { ...bare, against: against ?? [], type: type ?? "none", priority: priority ?? "none" };
}
