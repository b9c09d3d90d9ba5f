import type { Claim, Reference } from "../claims.ts";
import { type CheckContext, type Fault, fault } from "../fault.ts";

/** A claim as the checks read it: with the events that are held against a hypothesis. */
export type Weighed = Claim & { against?: readonly string[] };

/** The events are there, each gives the text something, and references are to what they have. */
export function eventFaults(
  { eventIds, kind, against = [] }: Weighed,
  references: (Reference | undefined)[],
  { facts }: CheckContext,
): Fault[] {
  if (eventIds.length === 0) return fault("no-event", "Name the event that it rests on.");
  const unknown = [...eventIds, ...against].filter((id) => !facts.has(id));
  if (unknown.length > 0) return fault("unknown-event", `There is no event ${unknown.join(", ")}.`);
  const both = against.filter((id) => eventIds.includes(id));
  if (both.length > 0) return fault("both-ways", `${both.join(", ")} cannot speak for it and against it.`);
  if (kind !== "hypothesis" && against.length > 0)
    return fault("wrong-kind", "Only a hypothesis has events that speak against it.");
  const used = new Set(references.flatMap((one) => idsOf(one)));
  // Citing everything proves nothing: each event must give the text something.
  const idle = eventIds.filter((id) => !used.has(id));
  if (kind === "fact" && eventIds.length > 1 && idle.length > 0)
    return fault(
      "idle-event",
      `${idle.join(", ")} gives the text nothing: one event a fact, unless a value joins them.`,
    );
  return references.flatMap((one) => referenceFaults(one, eventIds, facts));
}

function idsOf(reference: Reference | undefined): string[] {
  if (!reference) return [];
  return reference.kind === "value" ? [reference.eventId] : [reference.from, reference.to];
}

function referenceFaults(
  reference: Reference | undefined,
  eventIds: readonly string[],
  facts: CheckContext["facts"],
): Fault[] {
  if (!reference) return fault("unknown-reference", "Braces hold {{e12.field}} or {{duration e3 e9}} only.");
  const uncited = idsOf(reference).filter((id) => !eventIds.includes(id));
  if (uncited.length > 0)
    return fault("uncited-reference", `${reference.whole} is of ${uncited.join(", ")}, which is not cited.`);
  if (reference.kind === "duration") return [];
  const known = facts.get(reference.eventId);
  if (known?.values[reference.field] !== undefined) return [];
  return fault(
    "unknown-reference",
    `${reference.eventId} has no ${reference.field}; it has ${Object.keys(known?.values ?? {}).join(", ")}.`,
  );
}

const SOURCES = new Set(["source", "from"]);
const TARGETS = new Set(["target", "to"]);

/** "from … to …" in the direction of the event, and times that go forward. */
export function orderFaults(text: string, references: (Reference | undefined)[], { facts }: CheckContext): Fault[] {
  const turned = (find: RegExp, wrong: ReadonlySet<string>) =>
    [...text.matchAll(find)].filter(([, field = ""]) => wrong.has(field)).map(([whole]) => whole);
  const swapped = [
    ...turned(/\bfrom \{\{\s*e\d+\.(\w+)\s*\}\}/giu, TARGETS),
    ...turned(/\b(?:to|into|towards) \{\{\s*e\d+\.(\w+)\s*\}\}/giu, SOURCES),
  ];
  const backward = references.filter((one) => one?.kind === "duration" && isBackward(one, facts));
  return [
    ...swapped.flatMap((whole) => fault("direction", `"${whole}" turns the direction round.`)),
    ...backward.flatMap((one) => fault("order", `${one?.whole} runs backward.`)),
  ];
}

function isBackward({ from, to }: { from: string; to: string }, facts: CheckContext["facts"]): boolean {
  const [first, second] = [facts.get(from), facts.get(to)];
  return first !== undefined && second !== undefined && first.seq >= second.seq;
}
