import { createHash } from "node:crypto";
import type { Stage } from "../comms/events.ts";
import type { Destination } from "../deliveries/port.ts";
import { plainInstant } from "../format.ts";
import type { Plan } from "../plans/plan.ts";
import type { PublicUpdate } from "../status-page/port.ts";
import { createUpdateDestination, type UpdateBody } from "../status-page/update-destination.ts";
import { stageWords, stateWords, summaryWords } from "../status-page/words.ts";
import type { MailFacts, MailTemplate } from "./facts.ts";
import type { MailPort, Sent } from "./port.ts";
import type { MailWriter } from "./words.ts";

export interface MailListOptions {
  name: string;
  plan: Plan;
  stages: readonly Stage[];
  template: MailTemplate;
  mail: MailPort;
  /** Asked at each mail, so that what is wrong with a list is said where it matters. Throws AppError. */
  recipients(): string[];
  loadWriter(): Promise<MailWriter>;
  /** What comes after the @ of a Message-ID. */
  domain: string;
  /** Where the public reads the page. */
  page?: string;
  /** Told when some addresses of a list were refused for good. */
  refused(list: string, sent: Sent): void;
}

/**
 * A list of people who get the public's updates by mail, one for each. Nobody can ask a mail server whether a mail had
 * arrived, so after a crash it is sent again, under the same Message-ID.
 */
export function createMailList(options: MailListOptions): Destination<UpdateBody> {
  const { name, plan, stages, template, mail, recipients, loadWriter, refused } = options;
  const idOf = (updateId: string, { startedAt }: PublicUpdate) => messageIdOf(options, updateId, startedAt);
  return createUpdateDestination({
    id: `mail:${name}`,
    name: `mail to "${name}"`,
    plan,
    stages,
    async deliver(body, { late, signal }) {
      const to = recipients();
      const messageId = idOf(body.updateId, body.update);
      const first = body.before.find(({ told }) => told);
      const facts = factsOf(body, { late, template, page: options.page });
      const words = (await loadWriter())(template, facts);
      const thread = first && { inReplyTo: idOf(first.updateId, first.update) };
      const subject = `${facts.stage}: ${facts.title}`;
      const sent = await mail.send({ messageId, ...thread, subject, ...words }, to, signal);
      if (sent.refused > 0) refused(name, sent);
      return messageId;
    },
  });
}

/**
 * The same for the same update and list, whoever sends it and when; it shows nothing from inside. Journals that are
 * begun anew count their incidents anew, so the incident's begin is part of it.
 */
function messageIdOf({ name, domain, plan }: MailListOptions, updateId: string, startedAt: string): string {
  const what = JSON.stringify([plan.application, updateId, startedAt, name]);
  return `<${createHash("sha256").update(what).digest("hex").slice(0, 32)}@${domain}>`;
}

/** A summary has all that came before; the other form what this list has missed. */
function factsOf(
  { update, before, page: shown }: UpdateBody,
  { late, template, page }: { late: boolean; template: MailTemplate; page: string | undefined },
): MailFacts {
  const earlier = before.filter(({ told }) => template === "summary" || !told).toReversed();
  return {
    heading: shown.title,
    title: update.title,
    stage: stageWords[update.stage],
    text: update.text,
    at: momentOf(update.at),
    late,
    state: summaryWords[shown.state],
    components: shown.components.map(({ name, state }) => ({ name, state: stateWords[state] })),
    before: earlier.map(({ update: { stage, at, text } }) => ({ stage: stageWords[stage], at: momentOf(at), text })),
    page: page ?? shown.homepage ?? null,
  };
}

/** "2026-03-07 02:14 UTC" */
function momentOf(at: string): string {
  return `${plainInstant(at).slice(0, 16)} UTC`;
}
