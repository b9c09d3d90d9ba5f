import type { Claim } from "./claims.ts";
import type { Fact } from "./facts.ts";

/**
 * Nouns that say what a sentence is about, and the kinds of events that can be about that. A sentence without a
 * telling verb ("the reason for the quarantine is …") could otherwise be put to any event that has the fields.
 */
const TOPICS: readonly { word: RegExp; kinds: RegExp }[] = [
  { word: /\bquarantined?\b/iu, kinds: /^quarantine\./u },
  { word: /\b(?:approvals?|approvers?|decisions?|decide)\b/iu, kinds: /^(?:approval\.|run\.|step\.accepted|guard\.)/u },
  { word: /\bproposal\b/iu, kinds: /^(?:run\.(?:proposed|cancelled)|approval\.)/u },
  { word: /\btraffic\b/iu, kinds: /^(?:traffic|step|run|quarantine)\./u },
  { word: /\b(?:loss|copies|copy|replica)\b/iu, kinds: /^(?:loss|replication|divergence|step|approval|verdict)\./u },
  { word: /\bprobes?\b/iu, kinds: /^(?:verdict|readiness|availability)\./u },
  { word: /\b(?:incident|severity)\b/iu, kinds: /^incident\./u },
  { word: /\b(?:clients?|users|public name)\b/iu, kinds: /^availability\./u },
  { word: /\b(?:reason given|run)\b/iu, kinds: /^(?:run|step|approval|guard|incident|loss|lock|divergence)\./u },
];

/** Pure: the first noun of a fact that no cited event is about. */
export function strayTopic(
  { kind, eventIds }: Claim,
  prose: string,
  facts: ReadonlyMap<string, Fact>,
): string | undefined {
  if (kind !== "fact") return undefined;
  const kinds = eventIds.flatMap((id) => facts.get(id)?.kind ?? []);
  const stray = TOPICS.find((topic) => topic.word.test(prose) && !kinds.some((one) => topic.kinds.test(one)));
  return stray?.word.exec(prose)?.[0];
}
