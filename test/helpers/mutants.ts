import type { Claim } from "../../src/assistant/claims.ts";
import type { Fact } from "../../src/assistant/facts.ts";
import { type Status, statusesSaid } from "../../src/assistant/lexicon.ts";
import type { Instance } from "./paraphrases.ts";

/** Makes a false claim of a true one; undefined where this lie cannot be told of it. */
type Mutation = (instance: Instance) => Claim | undefined;

const FLIPS: Partial<Record<Status, string>> = {
  up: "down",
  down: "healthy",
  recovered: "failed",
  failed: "verified",
  opened: "resolved",
  resolved: "opened",
  proposed: "aborted",
  approved: "denied",
  started: "cancelled",
  completed: "aborted",
  verified: "failed",
  promoted: "quarantined",
  quarantined: "promoted",
  released: "promoted",
  paused: "aborted",
  resumed: "paused",
  aborted: "completed",
  cancelled: "completed",
  skipped: "verified",
};

const changed = (claim: Claim, text: string): Claim | undefined =>
  text === claim.text ? undefined : { ...claim, text };
const added =
  (tail: string): Mutation =>
  ({ claim }) =>
    changed(claim, claim.text.replace(/\.$/, ` ${tail}.`));

export const MUTATIONS: Record<string, Mutation> = {
  "a number": added("after 42 attempts"),
  "a number in words": added("within three minutes"),
  "a time of day": added("around midnight"),
  "a name instead of a reference": ({ claim, context }) => {
    const [name = ""] = context.names;
    return changed(claim, claim.text.replace(/\{\{e\d+\.(?:region|source|target)\}\}/, name));
  },
  "from and to turned round": ({ claim }) =>
    changed(
      claim,
      claim.text.replace(
        /from \{\{(e\d+)\.(source|from)\}\} to \{\{e\d+\.(target|to)\}\}/,
        "from {{$1.$3}} to {{$1.$2}}",
      ),
    ),
  "a time that runs backward": ({ claim }) =>
    changed(claim, claim.text.replace(/\{\{duration (e\d+) (e\d+)\}\}/, "{{duration $2 $1}}")),
  "a status turned round": ({ claim }) => {
    const prose = claim.text.replace(/\{\{.*?\}\}/g, (whole) => "▢".repeat(whole.length));
    const said = statusesSaid(prose).find(({ status }) => FLIPS[status] !== undefined);
    const flip = said && FLIPS[said.status];
    return said && flip
      ? changed(claim, claim.text.slice(0, said.index) + flip + claim.text.slice(said.index + said.word.length))
      : undefined;
  },
  "two words that changed places": ({ claim, context }) => {
    if (claim.eventIds.length < 2) return undefined;
    const prose = claim.text.replace(/\{\{.*?\}\}/g, (whole) => "▢".repeat(whole.length));
    const [first, second] = statusesSaid(prose).toSorted((one, other) => one.index - other.index);
    if (!first || !second || first.status === second.status) return undefined;
    const says = claim.eventIds.map((id) => context.facts.get(id)?.says ?? []);
    if (says.some((one) => one.includes(first.status) && one.includes(second.status))) return undefined;
    const [before, between, after] = [
      claim.text.slice(0, first.index),
      claim.text.slice(first.index + first.word.length, second.index),
      claim.text.slice(second.index + second.word.length),
    ];
    return changed(claim, `${before}${second.word}${between}${first.word}${after}`);
  },
  "a negation": ({ claim }) =>
    /\b(?:no|not|never|nothing|without)\b/i.test(claim.text)
      ? undefined
      : changed(claim, claim.text.replace(/\b(was|were|has been|had been)\b(?! \{)/, "$1 not")),
  "a negation taken away": ({ claim }) => changed(claim, claim.text.replace(/\b(?:not|never|no longer) /, "")),
  "another event": ({ claim, context }) => {
    if (claim.eventIds.length > 1) return undefined;
    const [id = ""] = claim.eventIds;
    const own = context.facts.get(id);
    const other = [...context.facts.values()].find((fact) => own && isAnother(own, fact, claim.text));
    return other && { ...claim, eventIds: [other.id], text: claim.text.replaceAll(`${id}.`, `${other.id}.`) };
  },
  "an event that does not exist": ({ claim }) => ({ ...claim, eventIds: ["e99999"] }),
  "no event": ({ claim }) => ({ ...claim, eventIds: [] }),
  "all events": ({ claim, context }) => ({ ...claim, eventIds: [...context.facts.keys()] }),
  "another runbook": ({ claim, context }) => {
    const [id = ""] = claim.eventIds;
    const own = context.facts.get(id)?.values.runbook;
    const other = own === "failover" ? "failback" : "failover";
    return own === undefined ? undefined : changed(claim, claim.text.replace(/\{\{e\d+\.runbook\}\}/, other));
  },
  "an invented cause": added("because of a bad deployment"),
  "an invented cause in other words": added("owing to an expired certificate"),
  "no data loss": ({ claim, context }) =>
    claim.eventIds.some((id) => context.facts.get(id)?.says.includes("no-loss"))
      ? undefined
      : changed(claim, claim.text.replace(/\.$/, " and no data was lost.")),
  "data loss": ({ claim }) => changed(claim, claim.text.replace(/\.$/, " and data was lost.")),
  "the future": added("and the service will be home soon"),
  "a doubt as a fact": added("and the disk was probably full"),
  "a person": (instance) => {
    const [person] = instance.context.people;
    return person === undefined ? undefined : added(`as ${person} wanted`)(instance);
  },
  blame: added("after somebody overlooked a warning"),
  "an owner": added("and he took care of it"),
  "a link": added("(see https://evil.example)"),
  "a mention": added("cc @everyone"),
  "a secret": added("with AKIAABCDEFGHIJKLMNOP"),
  "hidden characters": ({ claim }) => changed(claim, claim.text.replace(/(?<=[a-z])(?=[a-z])/, "\u200b")),
  "letters of another script": ({ claim }) => changed(claim, claim.text.replace(/(?<=[a-z ])a(?=[a-z ])/, "а")),
};

/** An event of another kind that says nothing of what the first says, and has all the fields that the text needs. */
function isAnother(own: Fact, fact: Fact, text: string): boolean {
  const fields = [...text.matchAll(/\{\{e\d+\.(\w+)\}\}/g)].map(([, field = ""]) => field);
  const shared = fact.says.some((one) => own.says.includes(one));
  return fact.kind !== own.kind && !shared && fields.every((field) => fact.values[field] !== undefined);
}
