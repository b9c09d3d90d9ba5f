import { actorName, count, duration, sentence } from "../format.ts";
import type { Describers } from "./describe.ts";

type AskKind = "ask.asked" | "ask.tool-called" | "ask.answered" | "ask.refused";

export const describeAsks: Describers<AskKind> = {
  "ask.asked": ({ data, actor }) => `${actorName(actor)} asked (${data.askId}): “${data.question.trim()}”`,
  "ask.tool-called": ({ data: { askId, call, tool, input, outcome, summary, durationMs, asOf } }) =>
    `For ${askId}, t${call}: ${tool} ${input} ${outcome} in ${duration(durationMs)} as of #${asOf}: ${sentence(summary)}`,
  "ask.answered": ({ data }) => {
    const { askId, outcome, claims, dropped, calls, model, endpoint, proposed, because } = data;
    const told = outcome === "proved" ? `${count(claims.length, "claim")} shown` : "nothing that can be proved";
    const button = proposed ? ` A button for “${proposed.command}” was shown.` : "";
    const why = because === undefined ? "" : ` ${sentence(because)}`;
    return `${askId} answered with model ${model} at ${endpoint} after ${count(calls, "look")}: ${told}, ${dropped.length} dropped.${why}${button}`;
  },
  "ask.refused": ({ data, actor }) =>
    `The question ${data.askId ? `${data.askId} ` : ""}of ${actorName(actor)} was not answered (${data.code}): ${sentence(data.summary)}`,
};
