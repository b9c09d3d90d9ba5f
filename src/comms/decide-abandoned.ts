import type { NewDomainEvent } from "../events.ts";
import type { AppState, UpdateState } from "../state.ts";
import { updatesOf } from "./views.ts";

/** Instances that are replaced one by one know different pages for a while. */
const AFTER_MS = 60_000;

/**
 * What nobody will find out or try again, because the page is not configured any more: whether an update stands there
 * that was being posted, and one that did not arrive. Without a word the update would be open for ever. Pure.
 */
export function decideAbandoned(
  state: AppState,
  pages: readonly string[],
  now: number,
): { events: NewDomainEvent[]; wakeAt?: number } {
  const open = Object.values(state.comms)
    .flatMap(updatesOf)
    .flatMap((update) => openAt(update).filter(({ destination }) => !pages.includes(destination)));
  const isOver = ({ since }: Open) => now >= Date.parse(since) + AFTER_MS;
  const waiting = open.filter((one) => !isOver(one)).map(({ since }) => Date.parse(since) + AFTER_MS);
  const events = open.filter(isOver).map(({ update, destination, mayStand }): NewDomainEvent => {
    const { incidentId, updateId } = update;
    const key = `comms/${updateId}/abandoned/${destination}/${state.version}`;
    const data = { incidentId, updateId, destination, mayStand };
    return { key, kind: "comms.abandoned", actor: "system:comms", data };
  });
  return { events, ...(waiting.length > 0 && { wakeAt: Math.min(...waiting) }) };
}

interface Open {
  update: UpdateState;
  destination: string;
  since: string;
  /** It was being posted: it may stand there, though nobody knows. */
  mayStand: boolean;
}

function openAt(update: UpdateState): Open[] {
  const posting = Object.entries(update.posting ?? {});
  const failed = Object.entries(update.failed).filter(([destination]) => update.posting?.[destination] === undefined);
  return [
    ...posting.map(([destination, since]) => ({ update, destination, since, mayStand: true })),
    ...failed.map(([destination, { at: since }]) => ({ update, destination, since, mayStand: false })),
  ];
}

/** The pages of which nobody knows, nor will, whether an update stands there. Pure. */
export function unknownPages({ abandoned = {} }: Pick<UpdateState, "abandoned">): string[] {
  return Object.entries(abandoned).flatMap(([destination, { mayStand }]) => (mayStand ? [destination] : []));
}
