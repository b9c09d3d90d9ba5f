import type { EventData } from "../events.ts";
import type { DraftClaim } from "./documents.ts";
import { milestoneText, untold } from "./milestones.ts";
import type { Kept } from "./read-draft.ts";
import type { Task } from "./task.ts";
import { wordsOf } from "./write-out.ts";

type Statements = EventData<"report.drafted">["statements"];

/**
 * Pure: the kept claims with their values, and the milestones that no claim of the summary tells, in order of time.
 * `before` are the statements of a draft of which one section is drafted anew.
 */
export function statementsOf(
  { facts, context }: Task,
  kept: readonly Kept[],
  redrafted?: { section: string; before: Statements },
): Statements {
  const short = (text: string) => withoutDay(text, facts);
  const told = kept.map((one) => statementOf(one, context.facts)).map((one) => ({ ...one, text: short(one.text) }));
  const others = redrafted ? redrafted.before.filter(({ section }) => section !== redrafted.section) : [];
  if (redrafted && redrafted.section !== "summary") return [...others, ...told];
  const summary = kept.map(({ claim }) => claim).filter(({ section }) => section === "summary");
  const added = untold(facts, summary).map((fact) => {
    return {
      section: "summary",
      kind: "fact" as const,
      text: short(milestoneText(fact)),
      refs: [fact.seq],
      by: "code" as const,
    };
  });
  // A sentence about two events is about what the later one brought.
  const last = ({ refs }: { refs: number[] }) => Math.max(...refs);
  const isSummary = ({ section }: { section: string }) => section === "summary";
  const story = [...told.filter(isSummary), ...added].toSorted((one, other) => last(one) - last(other));
  return [...story, ...told.filter((one) => !isSummary(one)), ...others];
}

function statementOf({ claim, by }: Kept, facts: Task["context"]["facts"]): Statements[number] {
  const { section, kind, against = [], type = "none", priority = "none" } = claim;
  return {
    section,
    kind,
    text: wordsOf(claim, facts),
    refs: seqsOf(claim.eventIds),
    by,
    ...(kind === "hypothesis" && { against: seqsOf(against) }),
    ...(type !== "none" && { type }),
    ...(priority !== "none" && { priority }),
  };
}

/** A night's story that does not pass midnight says the times of day; the document's head says which day. */
function withoutDay(text: string, facts: Task["facts"]): string {
  const days = new Set(facts.map(({ at }) => at.slice(0, 10)));
  const [day = ""] = days;
  return days.size === 1 ? text.replaceAll(new RegExp(`${day} (?=\\d\\d:\\d\\d:\\d\\d UTC)`, "g"), "") : text;
}

function seqsOf(ids: DraftClaim["eventIds"]): number[] {
  return ids.map((id) => Number(id.slice(1)));
}
