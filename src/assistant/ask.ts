import { randomUUID } from "node:crypto";
import type { OfferedButton } from "../cards/buttons.ts";
import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { EventData } from "../events.ts";
import { instant, list } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import { createRateLimiter } from "../rate-limit.ts";
import type { AppState } from "../state.ts";
import type { AskAnswer } from "./answer.ts";
import type { AskInput } from "./ask-input.ts";
import { askRefusal, INSTEAD } from "./decide-ask.ts";
import type { AskLimits } from "./endpoints.ts";
import { createLooker, type Look } from "./look.ts";
import type { ModelPort } from "./model.ts";
import type { MonitorPort } from "./monitor.ts";
import type { Offer } from "./offer.ts";
import type { OnCallPort } from "./on-call.ts";
import type { Prompt } from "./prompt.ts";
import { type Said, talk } from "./talk.ts";
import { namesOfPlan } from "./task.ts";
import { createTools } from "./tools/index.ts";
import type { ReadableCore, Tool } from "./tools/tool.ts";

export interface AskResult {
  askId: string;
  question: string;
  outcome: "proved" | "unproved";
  /** Why nothing that was written can be shown. */
  because?: string;
  claims: EventData<"ask.answered">["claims"];
  looks: Look[];
  /** How many claims were left out because they could not be verified. */
  dropped: number;
  /** What the person may press; nothing was run. */
  proposal?: OfferedButton;
  model: string;
  endpoint: string;
  tokens: { input: number; output: number };
  at: string;
}

export interface AskOptions {
  model: ModelPort;
  prompt: Prompt<AskInput, AskAnswer>;
  limits: AskLimits;
  journal: Journal;
  core: ReadableCore;
  clock: Clock;
  /** Ids and names of people, who are nobody to a model. */
  people(): string[];
  onCall?: OnCallPort;
  monitor?: MonitorPort;
  /** The bounds of one question; others for tests. */
  bounds?: Partial<typeof BOUNDS>;
  /** Other tools, for tests. */
  tools?: readonly Tool[];
}

export interface Assistant {
  /**
   * Looks and answers; changes nothing. `offer` reads what the model would put before the person as a button. Throws
   * AppError: `rate-limited`, and what the model's port throws when nothing was looked at yet.
   */
  ask(question: string, caller: Caller, offer: (line: string, state: AppState) => Offer): Promise<AskResult>;
  /** Ends what is under way. */
  stop(): Promise<void>;
}

export const BOUNDS = { calls: 8, totalMs: 30_000, toolMs: 8_000, atATime: 4 };

/** Answers from tools that only read. Every look is an event, and every sentence is checked by code. */
export function createAssistant(options: AskOptions): Assistant {
  const { journal, clock } = options;
  const bounds = { ...BOUNDS, ...options.bounds };
  const tools = options.tools ?? createTools(options.monitor);
  const stopping = new AbortController();
  const asking = new Map<string, Promise<unknown>>();
  // A refusal is journaled once a minute for each person: whoever hammers on the door fills no journal.
  const refusals = createRateLimiter({ perSecond: 1 / 60, burst: 1, now: () => clock.monotonic() });

  async function begin(question: string, { principal }: Caller): Promise<{ askId: string; state: AppState }> {
    let refusal: AppError | undefined;
    const { state, events } = await journal.commit((before) => {
      refusal = askRefusal(before, options.limits, principal, clock.now());
      if (refusal) return [];
      const askId = `ask-${before.version + 1}`;
      return [{ key: `ask/${askId}/asked`, kind: "ask.asked", actor: principal, data: { askId, question } }];
    });
    const [asked] = events;
    if (asked?.kind === "ask.asked") return { askId: asked.data.askId, state };
    const refused = refusal ?? new AppError({ code: "internal", summary: "The question was not journaled." });
    if (refusals.take(principal) === 0) await refuse(principal, refused);
    throw refused;
  }

  async function refuse(actor: string, { code, summary }: AppError, of?: Spending & { askId: string }): Promise<void> {
    const spent = of ?? { requests: 0, tokens: { input: 0, output: 0 } };
    await journal.commit(({ version }) => [
      {
        key: `ask/${of?.askId ?? `at-${version}`}/refused`,
        kind: "ask.refused",
        actor,
        data: { code, summary, ...spent },
      },
    ]);
  }

  async function answer(question: string, caller: Caller, offer: Parameters<Assistant["ask"]>[2]): Promise<AskResult> {
    const { askId, state } = await begin(question, caller);
    const started = clock.monotonic();
    const tokens = { input: 0, output: 0 };
    const nonce = `=${randomUUID()}=`;
    const people = options.people();
    const signal = AbortSignal.any([stopping.signal, clock.timeout(bounds.totalMs)]);
    const looker = createLooker({
      ...{ tools, clock, signal, nonce, people },
      most: bounds.calls,
      toolMs: bounds.toolMs,
      context: async () => ({ ...readable(options), state: await journal.load(), at: iso(clock) }),
      called: async (look) => {
        const { id, lines: _, ...rest } = look;
        const data = { askId, call: Number(id.slice(1)), ...rest, tokens: { ...tokens } };
        const key = `ask/${askId}/tool/${data.call}`;
        const { events } = await journal.commit(() => [
          { key, kind: "ask.tool-called", actor: caller.principal, data },
        ]);
        return events[0]?.seq ?? 0;
      },
    });
    const said = await talk({
      ...{ tools, looker, signal, people },
      model: options.model,
      prompt: options.prompt.render(inputOf(question, state, options, bounds.calls), nonce),
      avoid: Object.values(state.regions).flatMap(({ code, verdict }) => (verdict === "down" ? [code] : [])),
      names: namesOfPlan(options.core.plan, state),
      offer: (line) => offer(line, state),
      isSpent: () => tokens.input + tokens.output >= options.limits.tokensPerQuestion,
      spent({ inputTokens, outputTokens }) {
        tokens.input += inputTokens;
        tokens.output += outputTokens;
      },
    });
    if (said.failed && said.shown.length === 0 && looker.looks.length === 0) {
      await refuse(caller.principal, said.failed, { askId, requests: said.requests, tokens });
      throw noAnswer(said.failed);
    }
    const data = answeredData(askId, said, looker.looks, { tokens, prompt: options.prompt.name });
    const durationMs = Math.round(clock.monotonic() - started);
    const key = `ask/${askId}/answered`;
    await journal.commit(() => [{ key, kind: "ask.answered", actor: caller.principal, data: { ...data, durationMs } }]);
    return resultOf(question, data, said, looker.looks, iso(clock));
  }

  return {
    async ask(question, caller, offer) {
      const own = asking.get(caller.principal);
      if (own || asking.size >= bounds.atATime || stopping.signal.aborted) throw busy(own !== undefined);
      const under = answer(question, caller, offer);
      asking.set(caller.principal, under);
      return await under.finally(() => asking.delete(caller.principal));
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(asking.values());
    },
  };
}

interface Spending {
  requests: number;
  tokens: { input: number; output: number };
}

/** Nothing but ways to read goes to a tool, whatever else there is. */
function readable({ core: { plan, runs, journal }, onCall, monitor }: AskOptions) {
  const core: ReadableCore = {
    plan,
    runs: { why: (...of) => runs.why(...of), dryRun: (...of) => runs.dryRun(...of) },
    journal: { query: (of) => journal.query(of) },
  };
  return { core, ...(onCall && { onCall }), ...(monitor && { monitor }) };
}

const iso = (clock: Clock) => new Date(clock.now()).toISOString();

function inputOf(question: string, { active }: AppState, { core, clock }: AskOptions, calls: number): AskInput {
  const { application, regions, runbooks } = core.plan;
  return {
    application,
    question,
    active,
    now: instant(iso(clock)),
    regions: list(Object.keys(regions)),
    runbooks: list(Object.keys(runbooks)),
    calls: String(calls),
  };
}

function answeredData(
  askId: string,
  { shown, wrong, button, turn, failed, astray, requests }: Said,
  looks: readonly Look[],
  spent: { tokens: Spending["tokens"]; prompt: string },
): Omit<EventData<"ask.answered">, "durationMs"> {
  const proved = shown.length > 0;
  const went = astray && `The model went astray: ${astray}.`;
  const because = failed?.summary ?? went ?? "The model found nothing among it that answers the question.";
  return {
    askId,
    outcome: proved ? "proved" : "unproved",
    ...(!proved && { because }),
    claims: shown,
    dropped: wrong.map(({ codes }) => codes),
    ...(button && { proposed: { command: button.command, input: button.input } }),
    model: turn?.model ?? "",
    endpoint: turn?.endpoint ?? "",
    calls: looks.length,
    requests,
    ...spent,
  };
}

function resultOf(
  question: string,
  { askId, outcome, because, claims, dropped, model, endpoint, tokens }: Omit<EventData<"ask.answered">, "durationMs">,
  { button }: Said,
  looks: readonly Look[],
  at: string,
): AskResult {
  return {
    ...{ askId, question, outcome, claims, model, endpoint, tokens, at },
    looks: [...looks],
    dropped: dropped.length,
    ...(because !== undefined && { because }),
    ...(button && { proposal: button }),
  };
}

function noAnswer({ code, summary, retryable, retryAfterMs, cause }: AppError): AppError {
  const more = { ...(retryAfterMs !== undefined && { retryAfterMs }), cause };
  return new AppError({ code, summary, hint: `Without a model: ${INSTEAD}`, retryable, ...more });
}

function busy(own: boolean): AppError {
  return new AppError({
    code: "rate-limited",
    summary: own ? "Your last question is still being answered." : "Too many questions are being answered just now.",
    hint: `Ask again in a moment; ${INSTEAD}`,
    retryable: true,
  });
}
