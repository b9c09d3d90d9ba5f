import { contradictionText } from "../comms/contradiction-text.ts";
import { wordsOf } from "../comms/decide-wording.ts";
import type { commsEvents } from "../comms/events.ts";
import { wordsText } from "../comms/words-text.ts";
import { actorName, clause, clip, instant, list, sentence } from "../format.ts";
import type { Describers } from "./describe.ts";

const LONGEST = 500;
const SHOWN = 5;

const reasons = { time: "its time has come", facts: "the facts came first", person: "a person asked for it" };

export const describeComms: Describers<keyof typeof commsEvents> = {
  "comms.due": ({ data }) => {
    const who = data.publish === "ask" ? "waits for a person" : "is posted by itself";
    const words = data.wording ? `, ${wordsText(wordsOf(data))}` : "";
    return `Status update "${data.stage}" of ${data.incidentId} ${who} (${reasons[data.because]})${words}: “${clip(data.text, LONGEST)}”`;
  },
  "comms.held": ({ data, actor }) =>
    `Status update "${data.stage}" of ${data.incidentId} held back by ${actorName(actor)}.`,
  "comms.approved": ({ data, actor }) => `Status update ${data.updateId} may be posted, says ${actorName(actor)}.`,
  "comms.edited": ({ data, actor }) =>
    `Status update ${data.updateId} rewritten by ${actorName(actor)}: “${clip(data.text.trim(), LONGEST)}”`,
  "comms.suggested": ({ data: { updateId, text, model, rejected } }) =>
    text === undefined
      ? `No wording by a model for status update ${updateId}: ${sentence(rejected?.summary ?? "none was given")}`
      : `Model ${model ?? ""} suggested for status update ${updateId}: “${text}”`,
  "comms.skipped": ({ data }) => `Status update ${data.updateId} is not posted: ${sentence(data.reason)}`,
  "comms.posting": ({ data }) => `Status update ${data.updateId} is being posted on ${data.destination}.`,
  "comms.unposted": ({ data }) =>
    `Status update ${data.updateId} was to be posted on ${data.destination} and does not stand there.`,
  "comms.sent": ({ data: { updateId, destination, words } }) =>
    `Status update ${updateId} stands on ${destination}${words ? `, ${wordsText(words)}` : ""}.`,
  "comms.failed": ({ data }) =>
    `Status update ${data.updateId} does not arrive at ${data.destination} (${data.code}): ${clause(data.summary)}. ${data.retrying ? "It goes on being tried." : "It is not tried again by itself."}`,
  "comms.abandoned": ({ data: { updateId, destination, mayStand } }) =>
    mayStand
      ? `Whether status update ${updateId} stands on ${destination} is not known: it was being posted there, and that page is not configured any more.`
      : `Status update ${updateId} has not arrived at ${destination}, which is not configured any more.`,
  "comms.contradicted": ({ data: { destination, problems } }) =>
    `The public reads on ${destination} what is not so: ${list(problems.slice(0, SHOWN).map(contradictionText))}${problems.length > SHOWN ? ", and more" : ""}. Muster shows it once more what is seen; see "comms".`,
  "comms.agreed": ({ data: { destination, since } }) =>
    `What the public reads on ${destination} is so again; it was not since ${instant(since)}.`,
};
