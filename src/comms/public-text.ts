import { formFaults, valueFaults } from "../assistant/checks/form.ts";
import { peopleFaults } from "../assistant/checks/mood.ts";
import { type CheckContext, type Fault, fault } from "../assistant/fault.ts";
import { CAUSE, ESTIMATE, FUTURE, HEDGE, NEGATION, type Status, statusesSaid } from "../assistant/lexicon.ts";
import type { Stage } from "./events.ts";
import type { PublicFacts } from "./words.ts";

/** A wording for the public refers to facts by name, as `{{services}}`; code writes every value, time and place. */
const REFERENCE = /\{\{\s*([a-zA-Z]+)\s*\}\}/g;
const BRACES = /\{\{.*?\}\}/g;
const LONGEST = 500;
/** What may be written out; `basis` goes with an estimate. */
const FIELDS = ["services", "since", "until", "region", "place", "addedLatency", "eta", "basis"] as const;
type Field = (typeof FIELDS)[number];

/** Of how things are built and run: nobody outside can make anything of it, and some could make too much. */
const INTERNAL =
  /\b(?:fail(?:ed)?[- ]?(?:over|back)s?|primary|replicas?|replication|promot(?:ed|ion)|fenced?|quarantined?|clusters?|pods?|redis|kubernetes|postgres(?:ql)?|databases?|dns|route 53|azure|aws|region us|nodes?|servers?|hosts?|runbooks?|runs?|incident [a-z]+-\w+|approv\w+|probes?|data loss|data|lost|breach\w*|attack\w*|hack\w*)\b/iu;
const HOST = /\b[a-z][\w-]*(?:\.[\w-]+)+\b/iu;
const PROMISE =
  /\b(?:guarantee[sd]?|promis(?:e|es|ed|ing)|never again|always|fully|completely|permanently|as soon as possible|any minute)\b/iu;
/** What may be said to be not so. */
const OPEN = /\b(?:not (?:yet )?know|cannot (?:yet )?say(?: yet)?|not (?:yet )?able to say)\b/iu;

/** What the plan allows to be said at a stage, in the words of the lexicon. */
function sayable(stage: Stage, { unreachable, elsewhere, normal, started }: PublicFacts): Set<Status> {
  const failing: Status[] = ["failed", "degraded", ...(unreachable ? (["down"] as const) : [])];
  const serving: Status[] = ["up", "recovered", ...(elsewhere ? (["moved", "degraded"] as const) : [])];
  switch (stage) {
    case "investigating":
      return new Set([...failing, "started"]);
    case "identified":
      return new Set([...failing, "detected", ...(started ? (["started"] as const) : [])]);
    case "degraded":
      return new Set([...serving, "degraded"]);
    case "monitoring":
      return new Set(serving);
    case "resolved":
      return new Set(["resolved", "completed", "failed", ...serving, ...(normal ? (["recovered"] as const) : [])]);
  }
}

/** Pure: everything that a wording has against it; one without faults may be put before people. */
export function publicTextFaults(
  text: string,
  stage: Stage,
  facts: PublicFacts,
  context: Pick<CheckContext, "names" | "people">,
): Fault[] {
  if (text.trim() === "") return fault("empty", "The text is empty.");
  const prose = text.replace(BRACES, "▢");
  return [
    ...formFaults(text, prose, LONGEST),
    ...valueFaults(prose, context),
    ...peopleFaults({ kind: "fact", section: "", eventIds: [], text }, prose, context),
    ...referenceFaults(text, facts),
    ...internalFaults(prose),
    ...moodFaults(text, prose),
    ...statusFaults(prose, stage, facts),
  ];
}

function referenceFaults(text: string, facts: PublicFacts): Fault[] {
  const named = [...text.matchAll(REFERENCE)].map(([, name = ""]) => name);
  const strange = (text.match(BRACES) ?? []).length !== named.length;
  const missing = named.filter((name) => !isField(name) || facts[name] === null);
  return [
    ...(strange ? fault("unknown-reference", "Braces hold the name of a fact and nothing else.") : []),
    ...missing.flatMap((name) => fault("unknown-reference", `There is no ${name} to refer to now.`)),
    ...(named.includes("services") ? [] : fault("no-event", "Say which services it is about: {{services}}.")),
  ];
}

function isField(name: string): name is Field {
  return (FIELDS as readonly string[]).includes(name);
}

function internalFaults(prose: string): Fault[] {
  const [internal] = INTERNAL.exec(prose) ?? HOST.exec(prose) ?? [];
  return internal === undefined ? [] : fault("internal", `"${internal}" is not for the public.`);
}

function moodFaults(text: string, prose: string): Fault[] {
  const [promise] = PROMISE.exec(prose) ?? [];
  const [future] = FUTURE.exec(prose) ?? ESTIMATE.exec(prose) ?? /\bexpect\b/iu.exec(prose) ?? [];
  const [cause] = prose.match(CAUSE) ?? [];
  const [hedge] = prose.replace(/\bmay (?:take|be) /giu, "").match(HEDGE) ?? [];
  const hasBasis = /\{\{\s*eta\s*\}\}/u.test(text) && /\{\{\s*basis\s*\}\}/u.test(text);
  return [
    ...(promise === undefined ? [] : fault("promise", `"${promise}" promises what nobody knows.`)),
    ...(future === undefined || hasBasis
      ? []
      : fault("future", `"${future}" is about the future: only with {{eta}} and {{basis}}.`)),
    ...(cause === undefined ? [] : fault("cause", `"${cause}" says why, and nobody has said that it may be told.`)),
    ...(hedge === undefined ? [] : fault("hedged-fact", `"${hedge}" supposes: say what is so.`)),
  ];
}

function statusFaults(prose: string, stage: Stage, facts: PublicFacts): Fault[] {
  const may = sayable(stage, facts);
  const wrong = statusesSaid(prose).filter(({ status }) => !may.has(status));
  const open = prose.replace(OPEN, "").match(NEGATION);
  return [
    ...wrong.slice(0, 1).flatMap(({ word }) => fault("status", `"${word}" is not what "${stage}" says.`)),
    ...(open ? fault("negation", `Nothing says this "${open[0]}".`) : []),
  ];
}

/** Pure: the wording with its values. Throws on a reference that has no value: it has not passed the check. */
export function writePublicText(text: string, facts: PublicFacts): string {
  const written = text.replace(REFERENCE, (whole, name: string) => {
    const value = isField(name) ? facts[name] : null;
    if (value === null) throw new Error(`a wording with ${whole} has passed the check`);
    return value;
  });
  return written.replace(/\s+/gu, " ").trim();
}

/** What a model is shown: the facts that may be said, and those that only tell it which words are true. */
export function shownFacts(facts: PublicFacts): { name: string; value: string }[] {
  return FIELDS.flatMap((name) => {
    const value = facts[name];
    return value === null ? [] : [{ name, value }];
  });
}
