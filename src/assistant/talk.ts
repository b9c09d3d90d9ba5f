import { z } from "zod";
import type { OfferedButton } from "../cards/buttons.ts";
import { AppError } from "../errors.ts";
import { AskAnswer, type ReadAnswer, readAnswer } from "./answer.ts";
import type { Looker } from "./look.ts";
import type { ModelMessage, ModelPort, ModelTurn, RenderedPrompt, ToolCall, ToolOffer, Usage } from "./model.ts";
import type { Offer } from "./offer.ts";
import type { Tool } from "./tools/tool.ts";

export interface TalkOptions {
  model: ModelPort;
  prompt: RenderedPrompt;
  tools: readonly Tool[];
  looker: Looker;
  signal: AbortSignal;
  avoid: readonly string[];
  names: readonly string[];
  people: readonly string[];
  offer(line: string): Offer;
  spent(usage: Usage): void;
  /** Has it cost what one question may? */
  isSpent(): boolean;
}

export interface Said extends ReadAnswer {
  button?: OfferedButton;
  turn?: ModelTurn;
  /** It no longer answers. */
  failed?: AppError;
  /** What it did instead of answering. */
  astray?: string;
  requests: number;
}

const ANSWER = "answer";
/** How often an answer may be sent back. */
const MENDS = 1;
const MOST_REQUESTS = 12;

/** What becomes of one turn: go on with these messages, or stop. */
type Next = { go: ModelMessage[] } | { stop: true };

/**
 * One question from its first word to its answer: the model asks for looks, one after another, and then answers. It is
 * bounded by looks, requests and the signal, whatever the model does. Throws only what the looker throws.
 */
export async function talk(options: TalkOptions): Promise<Said> {
  const { looker, model, prompt, tools, signal, avoid, spent } = options;
  const offers = [...tools.map(offerOfTool), ANSWER_OFFER];
  const messages: ModelMessage[] = [{ from: "user", text: prompt.user }];
  const said: Said = { shown: [], wrong: [], requests: 0 };
  let mends = 0;
  while (said.requests < MOST_REQUESTS) {
    said.requests += 1;
    const isLast = looker.left() === 0 || mends > 0 || options.isSpent();
    const turn = await model
      .converse({
        system: prompt.system,
        messages,
        tools: offers,
        signal,
        avoid,
        spent,
        ...(isLast && { only: ANSWER }),
      })
      .catch((error: unknown) => known(error));
    if (turn instanceof AppError) return { ...said, failed: turn };
    said.turn = turn;
    const next = await takeTurn(turn, isLast);
    if ("stop" in next) return said;
    messages.push(...next.go);
  }
  return { ...said, astray: "it went on and on without an answer" };

  async function takeTurn({ calls }: ModelTurn, isLast: boolean): Promise<Next> {
    if (calls.length === 0) return again("It wrote text instead of calling a tool", []);
    const answer = calls.find(({ name }) => name === ANSWER);
    if (answer) return takeAnswer(answer, calls);
    if (isLast) {
      said.astray = "it asked for more looks than it may have";
      return { stop: true };
    }
    const results: ModelMessage[] = [];
    for (const call of calls) {
      const text = looker.left() === 0 ? "No looks are left: call answer." : await looker.perform(call);
      results.push({ from: "tool", callId: call.id, text });
    }
    return { go: [{ from: "model", calls }, ...results] };
  }

  /** Whatever it wanted beside its answer is not carried out. */
  function takeAnswer(answer: ToolCall, calls: ToolCall[]): Next {
    const parsed = AskAnswer.safeParse(answer.input);
    if (!parsed.success) return again("Its answer does not fit the schema", calls);
    const { facts } = looker;
    const { shown, wrong } = readAnswer(parsed.data, { facts, names: options.names, people: options.people });
    // A model that mends one claim is apt to send the others once more.
    said.shown.push(...shown.filter(({ text }) => !said.shown.some((one) => one.text === text)));
    said.wrong = wrong;
    const { command } = parsed.data;
    const offer = command === null || command.trim() === "" ? undefined : options.offer(command);
    if (offer && "button" in offer) said.button = offer.button;
    const faults = [
      ...wrong.map(({ text, faults: why }) => `"${text.slice(0, 300)}": ${why.join(" ")}`),
      ...(offer && "fault" in offer ? [`command: ${offer.fault}`] : []),
    ];
    if (faults.length === 0) return { stop: true };
    return again(`These did not pass the check; what passed is kept. ${faults.join(" ")}`, calls);
  }

  /** Sent back once; after that, what passed is the answer. */
  function again(why: string, calls: ToolCall[]): Next {
    if (mends >= MENDS) {
      if (said.shown.length === 0) said.astray = "no claim of it passed the check";
      return { stop: true };
    }
    mends += 1;
    const text = `${why}. Call answer once more, with what is mended and nothing else.`;
    if (calls.length === 0) return { go: [{ from: "user", text }] };
    return { go: [{ from: "model", calls }, ...calls.map(({ id }) => ({ from: "tool" as const, callId: id, text }))] };
  }
}

function known(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}

function offerOfTool({ name, description, input }: Pick<Tool, "name" | "description" | "input">): ToolOffer {
  const { $schema: _, ...parameters } = z.toJSONSchema(input);
  return { name, description, parameters };
}

const ANSWER_OFFER = offerOfTool({
  name: ANSWER,
  description: "Answers the question, once, when enough was found or nothing more can be.",
  input: AskAnswer,
});
