import type { DraftedDocument } from "../reports/events.ts";
import { checkKeptClaim } from "./check.ts";
import { proseOf } from "./claims.ts";
import { type DraftClaim, sections } from "./documents.ts";
import type { Fault } from "./fault.ts";
import { statusesSaid } from "./lexicon.ts";
import type { Task } from "./task.ts";

/** A claim, and by whom it came to be as it is. */
export interface Kept {
  claim: DraftClaim;
  by: "model" | "repair";
}
export interface Wrong {
  claim: DraftClaim;
  faults: Fault[];
}
export interface Read {
  kept: Kept[];
  wrong: Wrong[];
}

const MOST_CLAIMS = 40;

/** Pure: which claims may be posted, and what the others have against them. `only` is the section that is asked for. */
export function readDraft(
  document: DraftedDocument,
  { context }: Task,
  claims: readonly DraftClaim[],
  by: Kept["by"],
  only?: string,
): Read {
  const read: Read = { kept: [], wrong: [] };
  const seen = new Set<string>();
  for (const claim of claims.slice(0, MOST_CLAIMS)) {
    const section = sections[document].find(({ id }) => id === claim.section && (only === undefined || id === only));
    const full = section && read.kept.filter((one) => one.claim.section === section.id).length >= section.most;
    if (full || seen.has(claim.text) || seen.has(toldOf(claim))) continue;
    const faults = section ? claimFaults(claim, section.kinds, document, context) : strange(claim);
    if (faults.length > 0) read.wrong.push({ claim, faults });
    else {
      read.kept.push({ claim, by });
      seen.add(claim.text).add(toldOf(claim));
    }
  }
  return read;
}

function claimFaults(
  claim: DraftClaim,
  kinds: readonly string[],
  document: DraftedDocument,
  context: Task["context"],
): Fault[] {
  if (!kinds.includes(claim.kind)) return strange(claim);
  const typed = (claim.type ?? "none") !== "none" && (claim.priority ?? "none") !== "none";
  if (claim.kind === "action" && document === "postmortem" && !typed)
    return [{ code: "wrong-kind", detail: "An action has a type and a priority." }];
  return checkKeptClaim(claim, context);
}

function strange({ section, kind }: DraftClaim): Fault[] {
  return [{ code: "wrong-kind", detail: `${section} takes no ${kind}.` }];
}

/** A section that says of the same event the same thing in other words says it twice. */
function toldOf({ section, kind, eventIds, text }: DraftClaim): string {
  const said = statusesSaid(proseOf(text)).map(({ status }) => status);
  return kind === "fact" && said.length > 0 ? [section, ...eventIds, ...new Set(said)].join(" ") : text;
}

/** Pure: the draft with each claim mended in its place, and what is still wrong. A repair mends what has its id. */
export function mended(first: Read, repaired: Read): Read {
  const by = new Map(repaired.kept.map((one) => [one.claim.id, one]));
  const known = new Set(first.kept.map(({ claim }) => claim.text));
  const wrong: Wrong[] = [];
  const mends: Kept[] = [];
  for (const one of first.wrong) {
    const mend = by.get(one.claim.id);
    // Each repair is used once: of two claims with one id nobody knows which was meant.
    by.delete(one.claim.id);
    if (mend && mend.claim.section === one.claim.section && !known.has(mend.claim.text)) mends.push(mend);
    else wrong.push(one);
  }
  return { kept: [...first.kept, ...mends], wrong };
}
