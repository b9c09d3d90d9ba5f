import { type Config, secretVariable } from "../../src/config.ts";
import { readAddresses } from "../../src/mail/addresses.ts";
import { createMailList } from "../../src/mail/list.ts";
import type { Sent } from "../../src/mail/port.ts";
import type { MailWriter } from "../../src/mail/words.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { addressOf, createSmtpMail } from "./smtp.ts";

type MailOptions = Pick<Config, "mail" | "statusPageUrl" | "requestTimeoutMs" | "secret">;

/** The plan's mail lists; none where no server takes mail. */
export function openMailLists(
  { mail: config, statusPageUrl, requestTimeoutMs, secret }: MailOptions,
  { communication }: Pick<Plan, "communication">,
  refused: (list: string, sent: Sent) => void,
): StatusPagePort[] {
  if (!config) return [];
  const mail = createSmtpMail({ ...config, requestTimeoutMs });
  let words: Promise<MailWriter> | undefined;
  const loadWriter = () => {
    words ??= import("../../src/mail/words.ts").then(({ createMailWriter }) => createMailWriter());
    return words;
  };
  const domain = addressOf(config.from).split("@").at(-1) ?? "localhost";
  return Object.entries(communication?.mail ?? {}).map(([name, { toFrom, stages, template }]) => {
    const variable = secretVariable(toFrom);
    return createMailList({
      name,
      stages,
      template,
      mail,
      recipients: () => readAddresses(name, variable, secret(toFrom)),
      loadWriter,
      domain,
      refused,
      ...(statusPageUrl !== undefined && { page: statusPageUrl }),
    });
  });
}
