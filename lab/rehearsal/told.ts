import type { PublicPage } from "../../src/status-page/views.ts";
import type { Outside } from "../outside/outside.ts";
import { lookUntilKept } from "./look-until-kept.ts";
import type { PromiseCheck } from "./promises.ts";

/** Words that stand for the same stage: Statuspage has none for "slower than usual". */
const STATUSPAGE: Record<string, string> = { degraded: "identified" };
/** The stages that the lab's stakeholders are mailed, as a subject begins. */
const MAILED: Record<string, string> = {
  investigating: "Investigating",
  degraded: "Slower than usual",
  resolved: "Resolved",
};

/** An update that the next one follows within this time may be overtaken on the way. */
const OVERTAKEN_MS = 3_000;

/** That requests are answered from elsewhere. After a long outage the schedule has come to the later of two stages. */
export function isToldOfElsewhere({ incidents }: PublicPage): boolean {
  return incidents[0]?.updates.some(({ stage }) => stage === "degraded" || stage === "monitoring") ?? false;
}

/** Whoever is told beside Muster's own page was told the same, in order and once; the last word may take its time. */
export function checkOutside(outside: Outside, page: PublicPage): Promise<PromiseCheck> {
  return lookUntilKept(() => check(outside, page));
}

function check({ statuspage, webhook, mail }: Outside, page: PublicPage): PromiseCheck {
  const updates = page.incidents[0]?.updates.toReversed() ?? [];
  const said = updates.map(({ stage }) => stage);
  const [incident, ...more] = statuspage.incidents;
  const there = incident?.incident_updates.map(({ status }) => status) ?? [];
  const hooked = webhook
    .filter(({ type }) => type === "status.update")
    .map(({ content }) => (content.incident as { stage: string }).stage);
  const mailed = mail.mails.map(({ parsed }) => parsed.subject?.split(":")[0] ?? "");
  const thread = new Set(mail.mails.slice(1).map(({ parsed }) => parsed.inReplyTo));
  const kept =
    more.length === 0 &&
    toldThere(
      there,
      updates.map(({ stage, at }) => ({ stage: STATUSPAGE[stage] ?? stage, atMs: Date.parse(at) })),
    ) &&
    same(hooked, said) &&
    same(
      mailed,
      said.flatMap((stage) => MAILED[stage] ?? []),
    ) &&
    same([...thread], [mail.mails[0]?.parsed.messageId]);
  return {
    promise: "Statuspage, the webhook and the stakeholders' mailboxes were told the same, in order and once",
    kept,
    seen: `${there.length} updates in ${statuspage.incidents.length} incident on Statuspage, ${hooked.length} by webhook, ${mailed.length} mails in one thread: ${mailed.join(", ")}`,
  };
}

/**
 * Statuspage takes one request a second, and an update is up to two of them, behind whatever was asked before: a stage
 * that the next one followed so soon may not have been posted any more, the last one always.
 */
function toldThere(there: readonly string[], said: readonly { stage: string; atMs: number }[]): boolean {
  let next = 0;
  for (const [index, { stage, atMs }] of said.entries()) {
    if (there[next] === stage) next += 1;
    else if ((said[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) - atMs > OVERTAKEN_MS) return false;
  }
  return next === there.length;
}

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
