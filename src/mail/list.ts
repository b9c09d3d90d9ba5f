import { createHash } from "node:crypto";
import type { Stage } from "../comms/events.ts";
import { plainInstant } from "../format.ts";
import type { PostContext, PublicUpdate, StatusPagePort } from "../status-page/port.ts";
import type { PublicPage } from "../status-page/views.ts";
import { stageWords, stateWords, summaryWords } from "../status-page/words.ts";
import type { MailFacts, MailTemplate } from "./facts.ts";
import type { MailPort, Sent } from "./port.ts";
import type { MailWriter } from "./words.ts";

export interface MailListOptions {
  name: string;
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
 * A list of people as one more place that is told the public's updates: one mail for each. Nobody can ask a mail server
 * whether a mail had arrived, so after a crash it is sent again, under the same Message-ID.
 */
export function createMailList(options: MailListOptions): StatusPagePort {
  const { name, stages, template, mail, recipients, loadWriter, refused } = options;
  return {
    id: `mail:${name}`,
    name: `mail to "${name}"`,
    paceMs: 200,
    stages,
    async post(update, context) {
      const to = recipients();
      const messageId = messageIdOf(options, update, context);
      const { incident: first } = context;
      const facts = factsOf(update, context.page, options.page);
      const words = (await loadWriter())(template, facts);
      const subject = `${facts.stage}: ${update.title}`;
      const thread = first === undefined ? {} : { inReplyTo: first };
      const sent = await mail.send({ messageId, ...thread, subject, ...words }, to, context.signal);
      if (sent.refused > 0) refused(name, sent);
      // The first mail is what the others of its incident follow.
      return first ?? messageId;
    },
    find: async () => undefined,
    show: async () => {},
  };
}

/** The same for the same update and list, whoever sends it and when; it shows nothing from inside. */
function messageIdOf({ name, domain }: MailListOptions, { startedAt }: PublicUpdate, { marker }: PostContext): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([marker, startedAt, name]))
    .digest("hex");
  return `<${hash.slice(0, 32)}@${domain}>`;
}

function factsOf(update: PublicUpdate, shown: PublicPage, page: string | undefined): MailFacts {
  const incident = shown.incidents.find(({ startedAt }) => startedAt === update.startedAt);
  const before = (incident?.updates ?? []).filter(({ at, stage }) => at !== update.at || stage !== update.stage);
  return {
    heading: shown.title,
    title: update.title,
    stage: stageWords[update.stage],
    text: update.text,
    at: momentOf(update.at),
    state: summaryWords[shown.state],
    components: shown.components.map(({ name, state }) => ({ name, state: stateWords[state] })),
    before: before.map(({ stage, at, text }) => ({ stage: stageWords[stage], at: momentOf(at), text })),
    page: page ?? shown.homepage ?? null,
  };
}

/** "2026-03-07 02:14 UTC" */
function momentOf(at: string): string {
  return `${plainInstant(at).slice(0, 16)} UTC`;
}
