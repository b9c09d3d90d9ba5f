import type { NewDomainEvent } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import type { Question, Wanted } from "./decide-wording.ts";
import { type Asked, askForWords, type WordingOptions, type WordingRequest } from "./wording.ts";

interface QuestionsOptions {
  wording: WordingOptions;
  /** How long an update that is due waits for its words at most. */
  withinMs: number;
  clock: Pick<Clock, "now">;
  /** Called when an answer has come. */
  answered(): void;
}

/** The model is to have ended by then, so that the journal can say with the update what it took. */
const ENDS_BEFORE_MS = 250;

/**
 * The questions for words of one scheduler. Each update is asked about once, beside everything else that is decided;
 * whoever asks goes on without an answer when its time is over, whether or not the model has ended by then.
 */
export function createQuestions({ wording, withinMs, clock, answered }: QuestionsOptions) {
  const asked = new Map<string, Question & { incidentId: string }>();

  return {
    asked: asked as ReadonlyMap<string, Question>,

    ask(
      { incidentId, updateId, stage, template, facts }: Wanted,
      about: Pick<WordingRequest, "context" | "avoid" | "spentBefore">,
      signal: AbortSignal,
    ): void {
      const question = { incidentId, prompt: wording.prompt.name, until: clock.now() + withinMs };
      asked.set(updateId, question);
      const deadlineMs = Math.max(withinMs / 2, withinMs - ENDS_BEFORE_MS);
      void askForWords({ ...wording, deadlineMs }, { ...about, stage, template, facts }, signal).then((answer) => {
        // Whoever goes on asks anew: that nobody waited for an answer says nothing about the model.
        if (signal.aborted || asked.get(updateId) !== question) return;
        asked.set(updateId, { ...question, answer });
        answered();
      });
    },

    /** What answers took that no update has brought into the journal: they came too late, or for what is not so any more. */
    unused(state: AppState, now: number): NewDomainEvent[] {
      return [...asked].flatMap(([updateId, { incidentId, answer, until }]): NewDomainEvent[] => {
        const update = state.comms[incidentId]?.updates[updateId];
        if (!answer || answer.requests === 0 || (!update && now < until)) return [];
        if (update?.wording && update.wording.requests > 0) return [];
        const { said: _, model: __, endpoint: ___, rejected, ...took } = answer;
        const summary = update ? "It came too late to be used." : "The update was not due any more.";
        const data = { incidentId, updateId, ...took, rejected: rejected ?? { code: "wrong-state", summary } };
        const key = `wording/${updateId}/unused/${state.version}`;
        return [{ key, kind: "comms.suggested", actor: "system:assistant", data }];
      });
    },

    /** Its tokens are in the journal; should its update be due once more, the template's words do. */
    settle(updateId: string): void {
      const question = asked.get(updateId);
      const rejected = { code: "wrong-state", summary: "The one there was had come for an earlier moment." };
      const answer: Asked = { prompt: question?.prompt ?? "", requests: 0, tokens: { input: 0, output: 0 }, rejected };
      if (question) asked.set(updateId, { ...question, answer });
    },

    /** When nothing is to be said: there is nothing to remember. */
    forget: (): void => asked.clear(),
  };
}
