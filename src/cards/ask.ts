import type { AskResult } from "../assistant/ask.ts";
import type { Caller } from "../core.ts";
import { clip, count, instant } from "../format.ts";
import { hasRole } from "../people/roles.ts";
import { offered } from "./buttons.ts";
import type { Card } from "./card.ts";

const MOST_LINES = 10;

/** An answer with what it rests on. Everything in it was written or checked by code; it is plain text. */
export function askCard(result: AskResult, caller: Caller): Card {
  const { askId, question, outcome, claims, looks, dropped, proposal, model, endpoint, tokens, at } = result;
  const proved = outcome === "proved";
  const title = proved ? `Answer: ${clip(question, 100)}` : "No answer that can be proved";
  const button = proposal ? offered(caller, [proposal]) : [];
  const lacking = proposal && !hasRole(caller, proposal.role);
  return {
    title,
    status: proved ? "info" : "warning",
    text: [
      ...(proved ? claims.map(claimText) : unprovedTexts(result)),
      ...(proposal && !lacking ? ["It suggests a command. Nothing is run unless you press it."] : []),
      ...(lacking ? [`It suggests "${proposal.command}", which needs the role ${proposal.role}.`] : []),
    ],
    ...(looks.length > 0 && {
      table: {
        columns: ["", "Looked at", "Found", "As of"],
        rows: looks.map(({ id, tool, outcome: how, summary, asOf }) => [
          id,
          tool,
          how === "answered" ? summary : `${how}: ${summary}`,
          `#${asOf}`,
        ]),
      },
    }),
    citations: citationsOf(result),
    buttons: button,
    context: [
      askId,
      `as of ${instant(at)}`,
      ...(dropped > 0 ? [`${count(dropped, "claim")} left out: not verified`] : []),
      `written by model ${model} at ${endpoint}, checked by code, ${count(tokens.input + tokens.output, "token")}`,
    ],
    fallback: claims[0]?.text ?? title,
  };
}

/** A hypothesis says itself that it is one. */
function claimText({ text, refs, results }: AskResult["claims"][number]): string {
  const from = [...refs.map((seq) => `#${seq}`), ...new Set(results.map(lookOf))];
  return `${text} (${from.join(", ")})`;
}

function unprovedTexts({ question, because, looks }: AskResult): string[] {
  const lines = looks.flatMap(({ id, lines: found }) => found.map((line) => `${line} (${id})`));
  const more =
    lines.length > MOST_LINES ? [`… and ${lines.length - MOST_LINES} more; ask for "status" or "journal".`] : [];
  return [
    `To “${clip(question, 200)}”: ${because ?? ""}`,
    lines.length > 0 ? "Here is what was looked at:" : "Nothing was found.",
    ...lines.slice(0, MOST_LINES),
    ...more,
  ];
}

/** Events that are cited, and those of the looks that are, each once. */
function citationsOf({ claims, looks }: AskResult): { label: string; event: number }[] {
  const cited = new Set(claims.flatMap(({ results }) => results.map(lookOf)));
  return [
    ...[...new Set(claims.flatMap(({ refs }) => refs))].map((event) => ({ label: `#${event}`, event })),
    ...looks.filter(({ id }) => cited.has(id)).map(({ id, event }) => ({ label: id, event })),
  ];
}

/** `t3r1` is a row of `t3`. */
function lookOf(row: string): string {
  return row.replace(/r\d+$/u, "");
}
