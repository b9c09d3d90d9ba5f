import { type Config, secretVariable } from "../../src/config.ts";
import type { Destination } from "../../src/deliveries/port.ts";
import { readAddresses } from "../../src/mail/addresses.ts";
import { createMailList } from "../../src/mail/list.ts";
import type { Sent } from "../../src/mail/port.ts";
import type { MailWriter } from "../../src/mail/words.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { UpdateBody } from "../../src/status-page/update-destination.ts";
import { addressOf, createSmtpMail } from "./smtp.ts";

type MailOptions = Pick<Config, "mail" | "statusPageUrl" | "requestTimeoutMs" | "secret">;

/** The plan's mail lists; none where no server takes mail. */
export function openMailLists(
  { mail: config, statusPageUrl, requestTimeoutMs, secret }: MailOptions,
  plan: Plan,
  refused: (list: string, sent: Sent) => void,
): Destination<UpdateBody>[] {
  if (!config) return [];
  const mail = createSmtpMail({ ...config, requestTimeoutMs });
  let words: Promise<MailWriter> | undefined;
  // Most of the time nobody is told anything: what writes is loaded at the first mail.
  const loadWriter = () => {
    words ??= import("../../src/mail/words.ts").then(({ createMailWriter }) => createMailWriter());
    return words;
  };
  const domain = addressOf(config.from).split("@").at(-1) ?? "localhost";
  return Object.entries(plan.communication?.mail ?? {}).map(([name, { toFrom, stages, template }]) =>
    createMailList({
      name,
      plan,
      stages,
      template,
      mail,
      recipients: () => readAddresses(name, secretVariable(toFrom), secret(toFrom)),
      loadWriter,
      domain,
      refused,
      ...(statusPageUrl !== undefined && { page: statusPageUrl }),
    }),
  );
}
