import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import Handlebars from "handlebars";
import type { LossAssessment } from "../detection/events.ts";
import { lossText } from "../events/loss-text.ts";
import { clause, count, duration, instant, offset, plainInstant, sentence, span, timeOfDay } from "../format.ts";
import { escapeDeep } from "./markdown.ts";
import type { Narrative } from "./narrative.ts";
import { ReportFacts } from "./schema.ts";

/** The Markdown documents, in the order in which one reads them. */
export const templateNames = ["timeline", "status-report", "postmortem"] as const;
/** One document for each run that compared copies; it is given that run's comparisons only. */
export const divergenceTemplate = "divergence";
export type TemplateName = (typeof templateNames)[number] | typeof divergenceTemplate;

const partialNames = [
  "drafted",
  "hypotheses",
  "losses",
  "outages",
  "roles",
  "provenance",
  "rto",
  "run",
  "statements",
  "summary",
  "timeline-table",
  "told",
  "version",
] as const;

/** Renders one document. Pure once the templates are read; throws when a template asks for what is not there. */
export type Renderer = (name: TemplateName, facts: ReportFacts, told?: Told) => string;

/** What a model has to do with a document: what it wrote, or why nothing of it stands there. */
export interface Told {
  narrative?: Narrative;
  rejected?: string;
}

export function createRenderer(directory: URL = new URL("../../templates/", import.meta.url)): Renderer {
  const source = (name: string) => readFileSync(new URL(`${name}.md.hbs`, directory), "utf8");
  const environment = Handlebars.create();
  environment.registerHelper(helpers);
  const partials = partialNames.map((name): [string, string] => [name, source(`partials/${name}`)]);
  for (const [name, text] of partials) environment.registerPartial(name, text);
  const shared = partials.map(([, text]) => text).join("");
  const templates = new Map<string, { id: string; render: Handlebars.TemplateDelegate }>(
    [...templateNames, divergenceTemplate].map((name) => {
      const text = source(name);
      return [name, { id: idOf(name, text + shared), render: environment.compile(text, options) }] as const;
    }),
  );
  return (name, facts, told = {}) => {
    const template = templates.get(name);
    if (!template) throw new Error(`there is no template "${name}"`);
    // A name that is missing inside {{#if}} is not caught by `strict`: the facts must be whole before.
    const safe = escapeDeep(ReportFacts.parse(facts));
    const { narrative, rejected } = escapeDeep(told);
    return tidy(template.render({ ...safe, narrative, rejected, template: template.id }));
  };
}

const options = { strict: true, noEscape: true, knownHelpersOnly: false } as const;

/** What a template is called in a document's last lines; changes with every word of it. */
function idOf(name: string, text: string): string {
  return `${name}@${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

/** How values are written, and which sentence is chosen. Texts come escaped already. */
const helpers = {
  duration: (ms: number) => duration(ms),
  instant: (iso: string) => instant(iso),
  plainInstant: (iso: string) => plainInstant(iso),
  timeOfDay: (iso: string) => timeOfDay(iso),
  span: (from: string, to: string) => span(from, to),
  offset: (start: string, iso: string) => offset(start, iso),
  count: (amount: number, noun: string) => count(amount, noun),
  loss: (loss: LossAssessment) => `${lossText(loss)}, as of ${instant(loss.at)}`,
  refs: (refs: readonly number[]) => (refs.length === 0 ? "" : ` (${refList(refs)})`),
  refList,
  clause: (text: string) => clause(text),
  sentence: (text: string) => sentence(text),
  upper: (text: string) => text.toUpperCase(),
  is: (one: unknown, other: unknown) => one === other,
  has: (value: unknown) => value !== undefined,
};

function refList(refs: readonly number[]): string {
  return refs.map((seq) => `#${seq}`).join(", ");
}

/** Sentences that were not chosen leave gaps. */
function tidy(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/(?<=\S) {2,}/g, " ").trimEnd());
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}
