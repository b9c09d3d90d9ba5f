import { type Config, secretVariable } from "../../src/config.ts";
import type { Check, Finding } from "../../src/doctor/check.ts";
import { count } from "../../src/format.ts";
import { readAddresses } from "../../src/mail/addresses.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { createSmtpMail } from "./smtp.ts";

type MailOptions = Pick<Config, "mail" | "requestTimeoutMs" | "secret">;

/** What the doctor looks at: does the server let us in, and does each list have addresses? Sends nothing. */
export function mailChecks(
  { mail: config, requestTimeoutMs, secret }: MailOptions,
  communication: Pick<NonNullable<Plan["communication"]>, "mail">,
): Check[] {
  const lists = Object.entries(communication.mail ?? {});
  if (!config) {
    if (lists.length === 0) return [];
    const finding: Finding = {
      state: "warning",
      said: `The plan has ${count(lists.length, "mail list")}, and no server takes mail: nobody gets any.`,
      fix: "Set MUSTER_SMTP_URL and MUSTER_MAIL_FROM.",
    };
    return [{ area: "mail", name: "server", run: async () => finding }];
  }
  const mail = createSmtpMail({ ...config, requestTimeoutMs: 5 * requestTimeoutMs });
  const server: Check = {
    area: "mail",
    name: "server",
    async run(signal) {
      await mail.verify(signal);
      return { state: "ok", said: "It lets Muster in." };
    },
  };
  const ofLists = lists.map(
    ([name, { toFrom }]): Check => ({
      area: "mail",
      name,
      async run() {
        const addresses = readAddresses(name, secretVariable(toFrom), secret(toFrom));
        return { state: "ok", said: `It has ${count(addresses.length, "address", "addresses")}.` };
      },
    }),
  );
  return [server, ...ofLists];
}
