import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { AppError, type ErrorReport, reportError } from "../errors.ts";
import type { EventData } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { DraftedDocument } from "../reports/events.ts";
import type { ReportInput } from "../reports/input.ts";
import { type Budget, ensureBudget, type Spent, spend, spentOn } from "./budget.ts";
import { type Draft, sections } from "./documents.ts";
import type { ModelAnswer, ModelPort, Usage } from "./model.ts";
import type { Prompt } from "./prompt.ts";
import { mended, type Read, readDraft } from "./read-draft.ts";
import { statementsOf } from "./statements.ts";
import { shownFact, type Task, type TaskInput, taskOf, unnamed } from "./task.ts";

export type Prompts = Record<DraftedDocument, Prompt<TaskInput, Draft>>;

export interface WriterOptions {
  model: ModelPort;
  prompts: Prompts;
  clock: Clock;
  logger: Logger;
  /** For one document, however many requests that takes. */
  deadlineMs: number;
  budget: Budget;
}

export type Drafted =
  | { kind: "report.drafted"; data: EventData<"report.drafted"> }
  | { kind: "report.rejected"; data: EventData<"report.rejected"> };

/** One section alone, with what a person would have it look at. */
export interface Redraft {
  section: string;
  hint: string;
  by: string;
  before: EventData<"report.drafted">["statements"];
}

export interface Writer {
  /**
   * What a model has to say in a document, checked; at most two requests. Never throws, and takes no longer than the
   * deadline, or than until `stop` is aborted.
   */
  draft(document: DraftedDocument, input: ReportInput, stop?: AbortSignal, redraft?: Redraft): Promise<Drafted>;
}

export function createWriter({ model, prompts, clock, logger, deadlineMs, budget }: WriterOptions): Writer {
  return {
    async draft(document, input, stop, redraft) {
      const task = taskOf(input);
      const prompt = prompts[document];
      const spent: Spent = { requests: 0, tokens: { input: 0, output: 0 } };
      const { incidentId } = input.incident;
      const before = spentOn(input.state, incidentId);
      const common = { incidentId, document, asOf: input.asOf, prompt: prompt.name, ...redraftOf(redraft) };
      const signal = AbortSignal.any([clock.timeout(deadlineMs), ...(stop ? [stop] : [])]);
      const ask = async (faults: TaskInput["faults"]) => {
        const rendered = prompt.render(inputOf(document, input, task, faults, redraft), `=${randomUUID()}=`);
        ensureBudget(budget, spent, before, rendered);
        spent.requests += 1;
        const said: Usage[] = [];
        let answer: ModelAnswer<Draft> | undefined;
        try {
          const request = { prompt: rendered, schema: prompt.output, signal, avoid: failingRegions(input) };
          answer = await model.complete({ ...request, spent: (usage) => said.push(usage) });
          return answer;
        } finally {
          spend(spent, said, rendered, answer?.output);
        }
      };
      try {
        const { answer, read } = await draftAndRepair(document, task, ask, redraft?.section);
        if (read.kept.length === 0) throw nothingKept(prompt.name);
        const { endpoint, model: family } = answer;
        const statements = statementsOf(task, read.kept, redraft);
        const dropped = read.wrong.map(({ claim, faults }) => ({
          section: claim.section,
          faults: [...new Set(faults.map(({ code }) => code))],
        }));
        return {
          kind: "report.drafted",
          data: { ...common, ...spent, endpoint, model: family, statements, dropped },
        };
      } catch (error) {
        const { code, summary } = known(error, logger);
        return { kind: "report.rejected", data: { ...common, ...spent, code, summary } };
      }
    },
  };
}

type Ask = (faults: TaskInput["faults"]) => Promise<ModelAnswer<Draft>>;

async function draftAndRepair(document: DraftedDocument, task: Task, ask: Ask, only?: string) {
  const reading = (answer: ModelAnswer<Draft>, by: "model" | "repair"): Read =>
    readDraft(document, task, answer.output.claims, by, only);
  const first = await ask([]).catch((error: unknown) => {
    // It answered, and not in the form that was asked for: that is what the second request is for.
    if (error instanceof AppError && error.code === "bad-input") return undefined;
    throw error;
  });
  if (!first) {
    const answer = await ask([]);
    return { answer, read: reading(answer, "model") };
  }
  const read = reading(first, "model");
  if (read.wrong.length === 0) return { answer: first, read };
  const shown = read.wrong.map(({ claim, faults }) => ({
    claim: unnamed(JSON.stringify(claim), task.context.people),
    faults: unnamed(faults.map(({ detail }) => detail).join(" "), task.context.people),
  }));
  const second = await ask(shown).catch(() => undefined);
  if (!second) return { answer: first, read };
  return { answer: second, read: mended(read, reading(second, "repair")) };
}

function inputOf(
  document: DraftedDocument,
  { plan }: ReportInput,
  { facts, omitted, context, heard }: Task,
  faults: TaskInput["faults"],
  redraft: Redraft | undefined,
): TaskInput {
  const wanted = sections[document].filter(({ id }) => redraft === undefined || id === redraft.section);
  const plain = (text: string) => unnamed(text, context.people);
  return {
    application: plan.application,
    sections: wanted.map(({ id, about, kinds, most }) => ({
      id,
      about: `${about} At most ${most}.`,
      kinds: kinds.join(", "),
    })),
    facts: facts.map((fact) => shownFact(fact, context.people)),
    omitted,
    heard: heard.map(({ at, text }) => ({ at, text: plain(text) })),
    redraft: redraft
      ? [
          {
            section: redraft.section,
            hint: plain(redraft.hint),
            before: redraft.before.filter(({ section }) => section === redraft.section).map(({ text }) => plain(text)),
          },
        ]
      : [],
    faults,
  };
}

function redraftOf(redraft: Redraft | undefined) {
  return redraft ? { redraft: { section: redraft.section, hint: redraft.hint, by: redraft.by } } : {};
}

function failingRegions({ state }: ReportInput): string[] {
  return Object.values(state.regions).flatMap(({ code, verdict }) => (verdict === "down" ? [code] : []));
}

function nothingKept(prompt: string): AppError {
  return new AppError({ code: "bad-input", summary: `No claim of the draft for ${prompt} passed the check.` });
}

function known(error: unknown, logger: Logger): ErrorReport {
  if (!(error instanceof AppError)) logger.error({ err: error }, "a draft by a model failed");
  return reportError(error);
}
