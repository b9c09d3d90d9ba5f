import type { CheckContext } from "../assistant/fault.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, UpdateState } from "../state.ts";
import type { Wording, Words } from "./events.ts";
import { publicTextFaults, writePublicText } from "./public-text.ts";
import { commsOf } from "./views.ts";
import type { PublicFacts } from "./words.ts";

type DueData = Pick<UpdateState, "incidentId" | "updateId" | "stage" | "publish" | "text">;

/** An update that is due but for its words. */
export interface Wanted {
  incidentId: string;
  updateId: string;
  stage: UpdateState["stage"];
  /** What is said when nothing better comes in time. */
  template: string;
  facts: PublicFacts;
}

/** A question for words that is under way or answered. */
export interface Question {
  /** Milliseconds since 1970 from which on the template's words are taken. */
  until: number;
  /** `said` has references in place of values, so that code writes those of the moment. */
  answer?: Wording & { said?: string };
  prompt: string;
}

/** What a model was asked for so far. */
export interface Questions {
  /** By update. */
  asked: ReadonlyMap<string, Question>;
  /** What no text for the public may name. */
  context: Pick<CheckContext, "names" | "people">;
}

/** May a model's words stand in it? Never where a person decides: they are shown the template's, and others beside. Pure. */
export function isForModel(plan: Plan, state: AppState, { incidentId, stage, publish }: DueData): boolean {
  const held = commsOf(state, incidentId).held[stage] !== undefined;
  return plan.communication?.wording === "model" && publish === "automatic" && !held;
}

export type Worded =
  | { ask: Wanted }
  | { waitUntil: number }
  /** Due now, in these words. */
  | { text: string; wording: Wording };

/**
 * The words of an update that is due: a model's where they have come and are so at this very moment, else the
 * template's. The wait for them has an end that does not depend on the model. Pure.
 */
export function wordedBy({ asked, context }: Questions, data: DueData, facts: PublicFacts, now: number): Worded {
  const { incidentId, updateId, stage, text: template } = data;
  const question = asked.get(updateId);
  if (!question) return { ask: { incidentId, updateId, stage, template, facts } };
  const { answer, until, prompt } = question;
  if (!answer && now < until) return { waitUntil: until };
  const { said, ...wording } = answer ?? tooLate(prompt);
  if (said === undefined) return { text: template, wording };
  // They were checked when they came; by now other facts may hold.
  if (publicTextFaults(said, stage, facts, context).length > 0) return { text: template, wording: outrun(wording) };
  return { text: writePublicText(said, facts), wording };
}

function tooLate(prompt: string): Wording & { said?: string } {
  const rejected = { code: "vendor-unavailable", summary: "None had come by the time it was posted." };
  return { prompt, requests: 0, tokens: { input: 0, output: 0 }, rejected };
}

function outrun({ model: _, endpoint: __, ...wording }: Wording): Wording {
  return { ...wording, rejected: { code: "bad-input", summary: "What it said was not so any more." } };
}

/** Whose words an update has. Pure. */
export function wordsOf({ edited, wording }: Pick<UpdateState, "edited" | "wording">): Words {
  if (edited) return { by: "person", principal: edited.by };
  if (wording?.model !== undefined) return { by: "model", model: wording.model };
  return { by: "template", ...(wording?.rejected && { because: wording.rejected.summary }) };
}
