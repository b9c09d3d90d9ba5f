import { z } from "zod";
import type { DomainEvent } from "../events.ts";
import { clip } from "../format.ts";
import type { Plan } from "../plans/plan.ts";
import { createContext, type ReportContext, type ReportInput } from "../reports/input.ts";
import { weightOf } from "../reports/weight.ts";
import type { AppState } from "../state.ts";
import { type Fact, factsOf, isPromotion } from "./facts.ts";
import { type CheckContext, wordPattern } from "./fault.ts";

/** What a prompt for a document is filled with. */
export const TaskInput = z.strictObject({
  application: z.string(),
  sections: z.array(z.strictObject({ id: z.string(), about: z.string(), kinds: z.string() })),
  facts: z.array(
    z.strictObject({ id: z.string(), kind: z.string(), at: z.string(), sentence: z.string(), fields: z.string() }),
  ),
  /** Events of lesser weight that a long story leaves out. */
  omitted: z.number().int(),
  /** What people and vendors wrote: never evidence. */
  heard: z.array(z.strictObject({ at: z.string(), text: z.string() })),
  /** Of a section that is drafted anew: what it said, and what a person would have it look at. At most one. */
  redraft: z.array(z.strictObject({ section: z.string(), hint: z.string(), before: z.array(z.string()) })),
  /** Of a first draft: what was wrong with its claims. */
  faults: z.array(z.strictObject({ claim: z.string(), faults: z.string() })),
});
export type TaskInput = z.infer<typeof TaskInput>;

export interface Task {
  facts: Fact[];
  omitted: number;
  context: CheckContext;
  heard: TaskInput["heard"];
}

const MOST_FACTS = 120;
/** Of them those without which a story of thousands of events could not be told. */
const MOST_TURNS = 80;
const LONGEST_SENTENCE = 400;
const MOST_HEARD = 20;
const LONGEST_HEARD = 500;
/** Text that anybody may write, and what is about the documents themselves. */
export const NOT_EVIDENCE = new Set([
  "note.added",
  "timeline.pinned",
  "command.refused",
  "door.refused",
  "plan.adopted",
]);

/** Pure: what a model is told of an incident, and what its claims are held to. */
export function taskOf(input: ReportInput): Task {
  const context = createContext(input);
  const evidence = context.own.filter((event) => isEvidence(event, input.state));
  const facts = factsOf(compressed(evidence, input.state), input.state);
  return {
    facts,
    omitted: evidence.length - facts.length,
    context: {
      facts: new Map(facts.map((fact) => [fact.id, fact])),
      names: namesOf(context),
      people: input.state.landmarks.people,
    },
    heard: heardOf(context),
  };
}

/** The events without which the story cannot be told. */
function isEvidence(event: DomainEvent, state: AppState): boolean {
  return !NOT_EVIDENCE.has(event.kind) && (weightOf(event) === "key" || isPromotion(event, state));
}

/** The turns of the story first, then what happened around its beginning and its end: a prompt has one size at most. */
function compressed(events: DomainEvent[], state: AppState): DomainEvent[] {
  if (events.length <= MOST_FACTS) return events;
  const [turns, others] = [true, false].map((wanted) => events.filter((event) => isTurn(event, state) === wanted));
  const told = ends(turns ?? [], MOST_TURNS);
  return [...told, ...ends(others ?? [], MOST_FACTS - told.length)];
}

function isTurn(event: DomainEvent, state: AppState): boolean {
  return TURNS.test(event.kind) || isPromotion(event, state);
}

const TURNS =
  /^(?:incident\.(?:opened|resolved)|run\.(?:proposed|started|completed|aborted|cancelled)|loss\.assessed|approval\.decided)$/u;

function ends<T>(items: readonly T[], most: number): T[] {
  const half = Math.floor(most / 2);
  return items.length <= most ? [...items] : [...items.slice(0, half), ...items.slice(-(most - half))];
}

/** Words that stand for runbooks in plain English; they are held to the cited run instead. */
const PLAIN_WORDS = new Set(["failover", "failback", "rejoin", "rollback"]);

function namesOf({ plan, incident, runs }: ReportContext): string[] {
  return namesIn(plan, [incident.incidentId, ...runs.flatMap(({ runId, approvalId }) => [runId, approvalId ?? runId])]);
}

/** The same for all that a question may be about. */
export function namesOfPlan(plan: Plan, { incidents, runs, approvals }: AppState): string[] {
  return namesIn(plan, [...Object.keys(incidents), ...Object.keys(runs), ...Object.keys(approvals)]);
}

function namesIn(plan: Plan, ids: readonly string[]): string[] {
  const regions = Object.values(plan.regions).flatMap(({ code, name }) => [code, name]);
  const names = [
    ...regions,
    plan.application,
    ...Object.keys(plan.services),
    ...Object.keys(plan.stores),
    ...Object.keys(plan.runbooks).filter((name) => !PLAIN_WORDS.has(name)),
    ...ids,
  ];
  // A service called "api" is a word too; names that are any word at all would refuse half of the language.
  return [...new Set(names)].filter((name) => name.length > 3);
}

function heardOf({ own }: ReportContext): TaskInput["heard"] {
  return own
    .flatMap((event) => (event.kind === "note.added" || event.kind === "timeline.pinned" ? [event] : []))
    .slice(-MOST_HEARD)
    .map(({ at, data }) => ({ at, text: data.text.slice(0, LONGEST_HEARD) }));
}

/** A fact as the prompt shows it: people are somebody. */
export function shownFact(
  { id, kind, at, sentence, values }: Fact,
  people: readonly string[],
): TaskInput["facts"][number] {
  const shown = clip(unnamed(sentence, people), LONGEST_SENTENCE);
  return { id, kind, at, sentence: shown, fields: Object.keys(values).join(", ") };
}

export function unnamed(text: string, people: readonly string[]): string {
  return people.reduce((left, name) => left.replace(wordPattern(name, "giu"), "somebody"), text);
}
