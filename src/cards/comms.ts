import type { CommsView, StageView } from "../comms/comms-view.ts";
import { contradictionText } from "../comms/contradiction-text.ts";
import { wordsText } from "../comms/words-text.ts";
import type { Caller } from "../core.ts";
import { actorName, capital, clip, instant, list } from "../format.ts";
import { type OfferedButton, offered } from "./buttons.ts";
import type { Card } from "./card.ts";
import { deliveryLines, isTroubled, retryButtons } from "./deliveries.ts";

const PHASES: Record<StageView["phase"], string> = {
  later: "to come",
  held: "held back",
  asked: "waits for a tap",
  pending: "on its way",
  posted: "posted",
  failed: "did not arrive",
  skipped: "not posted",
  passed: "passed over",
};

const WORDING: Record<NonNullable<CommsView["wording"]>, string> = {
  model:
    "a model's for what is posted by itself, if they come within seconds and pass every check; else the template's",
  "no-model": "the templates': the plan asks for a model's, and none is connected (MUSTER_MODELS)",
};

export function commsCard(view: CommsView, caller?: Caller): Card {
  const { title, destinations, incident, stages, contradictions, preview, deliveries, at } = view;
  const waiting = stages.filter(({ phase }) => phase === "asked" || phase === "held" || phase === "failed");
  const next = nextText(view);
  const heading = title === undefined ? "Nothing is published" : `Status page of ${title}`;
  const where = list(destinations.map(({ name }) => name)) || "nowhere: no status page is connected";
  const text = [
    ...(title === undefined ? ["The plan says nothing of communication (docs/communication.md)."] : []),
    ...(title !== undefined && !incident && !preview ? ["No incident is open: there is nothing to tell."] : []),
    ...(preview ? [`DRILL: nothing is published. It would say (${preview.stage}): “${preview.text}”`] : []),
    ...contradictions.map(
      ({ destination, since, problems }) =>
        `On ${destination} the public reads what is not so, since ${instant(since, at)}: ${list(problems.map(contradictionText))}.`,
    ),
    ...stages.flatMap(wordsOf),
    ...deliveryLines(deliveries, at),
  ];
  const away = stages.some(({ failed }) => failed.length > 0) || deliveries.some(isTroubled);
  const troubled = contradictions.length > 0 || away;
  return {
    title: next === undefined ? heading : `${heading} · ${next}`,
    status: waiting.length > 0 ? "waiting" : troubled ? "warning" : "info",
    ...(title !== undefined && { facts: factsOf(view, where) }),
    ...(stages.length > 0 && {
      table: { columns: ["update", "state", "when", "where"], rows: stages.map((stage) => rowOf(stage, view)) },
    }),
    text,
    buttons: offered(caller, [...stages.flatMap(buttonsOf), ...retryButtons(deliveries)]),
    context: [`as of ${instant(at)}`],
    fallback: next === undefined ? heading : `${heading}: ${next}`,
  };
}

/** One update that waits for a tap, for a channel; afterwards what became of it. */
export function updateCard(view: StageView, incidentId: string, at: string, caller?: Caller): Card {
  const { stage, phase, dueAt, text = "", by, reason, words } = view;
  const read = `The public would read: “${clip(text, 1_000)}”`;
  const title = `Status update “${stage}” ${phase === "asked" ? "waits for a tap" : PHASES[phase]}`;
  const who = by === undefined ? [] : [`by ${actorName(by)}`];
  return {
    title,
    status: phase === "asked" || phase === "held" || phase === "failed" ? "waiting" : "muted",
    text: [read, ...suggestionOf(view), ...(reason === undefined ? [] : [reason])],
    buttons: offered(caller, buttonsOf(view)),
    context: [incidentId, ...who, ...(words ? [wordsText(words)] : []), `due ${instant(dueAt, at)}`],
    fallback: `${title} (${incidentId})`,
  };
}

function suggestionOf({ suggestion }: StageView): string[] {
  if (!suggestion) return [];
  return [`Suggested wording, by model ${suggestion.model} and checked by code: “${clip(suggestion.text, 600)}”`];
}

function factsOf({ incident, wording, at }: CommsView, where: string): { label: string; value: string }[] {
  const words = wording === undefined ? [] : [{ label: "Words", value: WORDING[wording] }];
  if (!incident) return [{ label: "Told on", value: where }, ...words];
  const { incidentId, startedAt, resolvedAt } = incident;
  const over = resolvedAt === undefined ? "" : `, resolved ${instant(resolvedAt, at)}`;
  return [
    { label: "Told on", value: where },
    { label: "Incident", value: `${incidentId}, first failure ${instant(startedAt, at)}${over}` },
    ...words,
  ];
}

/** Of a page that was taken out of the configuration: by whether the update may stand there. */
const GONE = { true: "not known, and not configured any more", false: "not configured any more" };

function rowOf(
  { stage, phase, dueAt, publish, by, sent, failed, abandoned = [] }: StageView,
  { at }: CommsView,
): string[] {
  const tap = phase === "later" && publish === "ask" ? ", with a tap" : "";
  const who = by === undefined ? "" : ` by ${actorName(by)}`;
  const there = sent.map(({ destination, at: sentAt }) => `${destination} ${instant(sentAt, at)}`);
  const away = failed.map(({ destination, retrying }) => `${destination}: ${retrying ? "being tried" : "given up"}`);
  return [
    stage,
    `${PHASES[phase]}${tap}${phase === "held" ? who : ""}`,
    whenOf(stage, phase, dueAt, at),
    [...there, ...away, ...abandoned.map(({ destination, mayStand }) => `${destination}: ${GONE[`${mayStand}`]}`)].join(
      ", ",
    ),
  ];
}

/** An update whose time has come and that is not posted is not true yet; the end has no time of its own. */
function whenOf(stage: StageView["stage"], phase: StageView["phase"], dueAt: string, at: string): string {
  if (phase !== "later") return instant(dueAt, at);
  if (stage === "resolved") return "when it is over";
  return dueAt > at ? instant(dueAt, at) : "as soon as it is so";
}

function wordsOf(view: StageView): string[] {
  const { stage, phase, text, reason, failed, abandoned = [], by, words } = view;
  const problems = [
    ...failed.map(({ destination, summary }) => `${capital(stage)} does not reach ${destination}: ${summary}`),
    ...abandoned.map(({ destination, mayStand }) =>
      mayStand
        ? `${capital(stage)} was being posted on ${destination} when that page was taken out of the configuration: whether it stands there is not known. Look there.`
        : `${capital(stage)} had not reached ${destination} when that page was taken out of the configuration.`,
    ),
  ];
  if (text === undefined || phase === "passed") return problems;
  const because = reason === undefined ? "" : ` (${reason})`;
  const author = phase !== "held" && by !== undefined ? `, by ${actorName(by)}` : "";
  const whose = words ? `, ${wordsText(words)}` : "";
  return [
    `${capital(stage)}, ${PHASES[phase]}${author}${because}${whose}: “${clip(text, 600)}”`,
    ...suggestionOf(view),
    ...problems,
  ];
}

/** The update that follows by time alone, if it is true by then. */
function nextText({ incident, stages, at }: CommsView): string | undefined {
  if (!incident || incident.resolvedAt !== undefined) return undefined;
  const next = stages.find(({ phase, dueAt, stage }) => phase === "later" && dueAt > at && stage !== "resolved");
  return next && `“${next.stage}” in ${minutes(Date.parse(next.dueAt) - Date.parse(at))}, if it is so by then`;
}

function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function buttonsOf({ stage, phase, text, suggestion }: StageView): OfferedButton[] {
  const base = { input: { stage }, role: "operator" as const };
  const post = (label: string): OfferedButton => ({
    ...base,
    label,
    style: "primary",
    command: "comms post",
    ...(text !== undefined && { confirm: `Post this for everybody to read? “${clip(text, 300)}”` }),
  });
  const edit: OfferedButton = {
    ...base,
    label: `Rewrite “${stage}”`,
    style: "default",
    command: "comms edit",
    ask: { field: "text", label: "What shall the public read?" },
  };
  // The words travel in the button: what is used is what was read, whatever is suggested later.
  const use: OfferedButton[] = suggestion
    ? [
        {
          ...base,
          label: `Use this wording for “${stage}”`,
          style: "default",
          command: "comms edit",
          input: { stage, text: suggestion.text },
        },
      ]
    : [];
  const hold: OfferedButton = { ...base, label: `Hold “${stage}”`, style: "default", command: "comms hold" };
  switch (phase) {
    case "asked":
    case "held":
      return text === undefined ? [] : [post(`Post “${stage}” now`), ...use, edit];
    case "failed":
      return [post(`Try “${stage}” again`)];
    case "pending":
    case "later":
      return stage === "resolved" && phase === "later" ? [] : [hold];
    default:
      return [];
  }
}
