import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { AppError, type ErrorReport, reportError } from "../errors.ts";
import type { EventData } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { DraftedDocument } from "../reports/events.ts";
import type { ReportInput } from "../reports/input.ts";
import { checkClaim, type Fault } from "./check.ts";
import type { Claim, Draft } from "./claims.ts";
import { sections } from "./documents.ts";
import { untold } from "./milestones.ts";
import type { ModelAnswer, ModelPort } from "./model.ts";
import type { Prompt } from "./prompt.ts";
import { shownFact, type Task, type TaskInput, taskOf, unnamed } from "./task.ts";
import { wordsOf } from "./write-out.ts";

export type Prompts = Record<DraftedDocument, Prompt<TaskInput, Draft>>;

export interface WriterOptions {
  model: ModelPort;
  prompts: Prompts;
  clock: Clock;
  logger: Logger;
  /** For one document, however many requests that takes. */
  deadlineMs: number;
}

export type Drafted =
  | { kind: "report.drafted"; data: EventData<"report.drafted"> }
  | { kind: "report.rejected"; data: EventData<"report.rejected"> };

export interface Writer {
  /**
   * What a model has to say in a document, checked; at most two requests. Never throws, and takes no longer than the
   * deadline, or than until `stop` is aborted.
   */
  draft(document: DraftedDocument, input: ReportInput, stop?: AbortSignal): Promise<Drafted>;
}

/** A claim, and by whom it came to be as it is. */
interface Kept {
  claim: Claim;
  by: "model" | "repair";
}
interface Wrong {
  claim: Claim;
  faults: Fault[];
}
interface Read {
  kept: Kept[];
  wrong: Wrong[];
}

const MOST_CLAIMS = 40;

export function createWriter({ model, prompts, clock, logger, deadlineMs }: WriterOptions): Writer {
  return {
    async draft(document, input, stop) {
      const task = taskOf(input);
      const prompt = prompts[document];
      const spent = { requests: 0, tokens: { input: 0, output: 0 } };
      const common = { incidentId: input.incident.incidentId, document, asOf: input.asOf, prompt: prompt.name };
      const signal = AbortSignal.any([clock.timeout(deadlineMs), ...(stop ? [stop] : [])]);
      const ask = (faults: TaskInput["faults"]) => {
        spent.requests += 1;
        return model.complete({
          prompt: prompt.render(inputOf(document, input, task, faults), `=${randomUUID()}=`),
          schema: prompt.output,
          signal,
          avoid: failingRegions(input),
          spent({ inputTokens, outputTokens }) {
            spent.tokens.input += inputTokens;
            spent.tokens.output += outputTokens;
          },
        });
      };
      try {
        const { answer, read } = await draftAndRepair(document, task, ask);
        if (read.kept.length === 0) throw nothingKept(prompt.name);
        const { endpoint, model: family } = answer;
        const statements = statementsOf(task, read.kept);
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

async function draftAndRepair(document: DraftedDocument, task: Task, ask: Ask) {
  const first = await ask([]).catch((error: unknown) => {
    // It answered, and not in the form that was asked for: that is what the second request is for.
    if (error instanceof AppError && error.code === "bad-input") return undefined;
    throw error;
  });
  if (!first) {
    const answer = await ask([]);
    return { answer, read: readDraft(document, task, answer.output.claims, "model") };
  }
  const read = readDraft(document, task, first.output.claims, "model");
  if (read.wrong.length === 0) return { answer: first, read };
  const shown = read.wrong.map(({ claim, faults }) => ({
    claim: unnamed(JSON.stringify(claim), task.context.people),
    faults: unnamed(faults.map(({ detail }) => detail).join(" "), task.context.people),
  }));
  const second = await ask(shown).catch(() => undefined);
  if (!second) return { answer: first, read };
  // A repair does not say which claim it mends: as many as were mended are counted, and the others are dropped.
  const repaired = readDraft(document, task, second.output.claims.slice(0, read.wrong.length), "repair");
  const lost = read.wrong.slice(repaired.kept.length);
  return { answer: second, read: { kept: [...read.kept, ...repaired.kept], wrong: lost } };
}

/** Pure: which claims may be posted, and what the others have against them. */
export function readDraft(
  document: DraftedDocument,
  { context }: Task,
  claims: readonly Claim[],
  by: Kept["by"],
): Read {
  const read: Read = { kept: [], wrong: [] };
  const seen = new Set<string>();
  for (const claim of claims.slice(0, MOST_CLAIMS)) {
    if (seen.has(claim.text)) continue;
    seen.add(claim.text);
    const section = sections[document].find(({ id }) => id === claim.section);
    const faults = section?.kinds.includes(claim.kind)
      ? checkClaim(claim, context)
      : [{ code: "wrong-kind" as const, detail: `${claim.section} takes no ${claim.kind}.` }];
    if (faults.length === 0) read.kept.push({ claim, by });
    else read.wrong.push({ claim, faults });
  }
  return read;
}

/** The kept claims with their values, and the milestones that no claim of the summary tells, in order of time. */
function statementsOf({ facts, context }: Task, kept: readonly Kept[]): EventData<"report.drafted">["statements"] {
  const told = kept.map(({ claim, by }) => {
    const refs = claim.eventIds.map((id) => Number(id.slice(1)));
    return { section: claim.section, kind: claim.kind, text: wordsOf(claim, context.facts), refs, by };
  });
  const summary = kept.map(({ claim }) => claim).filter(({ section }) => section === "summary");
  const added = untold(facts, summary).map(({ sentence, seq }) => {
    return { section: "summary", kind: "fact" as const, text: sentence, refs: [seq], by: "code" as const };
  });
  const first = ({ refs }: { refs: number[] }) => Math.min(...refs);
  const isSummary = ({ section }: { section: string }) => section === "summary";
  const story = [...told.filter(isSummary), ...added].toSorted((one, other) => first(one) - first(other));
  return [...story, ...told.filter((one) => !isSummary(one))];
}

function inputOf(
  document: DraftedDocument,
  { plan }: ReportInput,
  { facts, context, heard }: Task,
  faults: TaskInput["faults"],
): TaskInput {
  return {
    application: plan.application,
    sections: sections[document].map(({ id, about, kinds }) => ({ id, about, kinds: kinds.join(", ") })),
    facts: facts.map((fact) => shownFact(fact, context.people)),
    heard: heard.map(({ at, text }) => ({ at, text: unnamed(text, context.people) })),
    faults,
  };
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
