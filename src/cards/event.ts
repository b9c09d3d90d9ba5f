import { toneOf } from "../cards/tone.ts";
import { toJson, wireEvent } from "../commands/wire.ts";
import { describeEvent } from "../events/describe.ts";
import type { DomainEvent } from "../events.ts";
import { actorName, clip, instant } from "../format.ts";
import type { AppState } from "../state.ts";
import type { Card } from "./card.ts";

const LONGEST = 8_000;

/** One event as it stands in the journal: where a citation leads. */
export function eventCard(event: DomainEvent, state: AppState): Card {
  const { seq, kind, at, actor, instance, hash, previousHash } = event;
  const { data } = wireEvent(event);
  const title = describeEvent(event, state);
  return {
    title,
    status: toneOf(event) ?? "info",
    facts: [
      { label: "Event", value: `#${seq} ${kind}` },
      { label: "Written", value: instant(at) },
      { label: "By", value: `${actorName(actor)}, on ${instance}` },
      { label: "Hash", value: hash },
      { label: "Hash before", value: previousHash },
    ],
    text: [clip(toJson(data, 2), LONGEST)],
    context: ['"audit verify" checks that the chain holds'],
    fallback: title,
  };
}
