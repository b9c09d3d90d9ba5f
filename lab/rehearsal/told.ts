import type { PublicPage } from "../../src/status-page/views.ts";
import type { Outside } from "../outside/outside.ts";
import type { PromiseCheck } from "./promises.ts";

/** Words that stand for the same stage: Statuspage has none for "slower than usual". */
const STATUSPAGE: Record<string, string> = { degraded: "identified" };
const MAILED = ["Investigating", "Slower than usual", "Resolved"];

const PATIENCE_MS = 20_000;
const POLL_MS = 200;

/** Whoever is told beside Muster's own page was told the same, in order and once; the last word may take its time. */
export async function checkOutside(outside: Outside, page: PublicPage): Promise<PromiseCheck> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const found = check(outside, page);
    if (found.kept || waitedMs >= PATIENCE_MS) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function check({ statuspage, webhook, mail }: Outside, page: PublicPage): PromiseCheck {
  const said = page.incidents[0]?.updates.toReversed().map(({ stage }) => stage) ?? [];
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
      said.map((stage) => STATUSPAGE[stage] ?? stage),
    ) &&
    same(hooked, said) &&
    same(mailed, MAILED) &&
    same([...thread], [mail.mails[0]?.parsed.messageId]);
  return {
    promise: "Statuspage, the webhook and the stakeholders' mailboxes were told the same, in order and once",
    kept,
    seen: `${there.length} updates in ${statuspage.incidents.length} incident on Statuspage, ${hooked.length} by webhook, ${mailed.length} mails in one thread: ${mailed.join(", ")}`,
  };
}

/**
 * Statuspage takes one request a second: a stage that the next one followed within a second may not have been posted
 * any more, the last one always.
 */
function toldThere(there: readonly string[], said: readonly string[]): boolean {
  let from = 0;
  for (const stage of there) {
    const at = said.indexOf(stage, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return there.at(-1) === said.at(-1) && there.length >= said.length - 1;
}

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
