import { z } from "zod";

/** A sender or a reply address: plain, or with a name before it. Nothing that could begin another header. */
const Sender = z
  .string()
  .max(320)
  .regex(/^(?:[^<>\p{Cc}"]{1,100} <[^<>@\s\p{Cc}]{1,64}@[\w.-]{1,253}>|[^<>@\s\p{Cc}]{1,64}@[\w.-]{1,253})$/u, {
    error: "must be an address, or a name and an address in angle brackets",
  });

/** What the environment says of mail. Read by `loadConfig` alone. */
export const mailEnvironment = {
  MUSTER_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: "must be an smtp or smtps address" })
    .max(1_000)
    .optional()
    .meta({
      example: "smtps://muster:paste-it-here@smtp.example.org:465",
      description: "Server that takes the mails of communication.mail (docs/communication.md). A secret.",
    }),
  MUSTER_MAIL_FROM: Sender.optional().meta({
    example: "Example status <status@example.org>",
    description: "Who these mails are from.",
  }),
  MUSTER_MAIL_REPLY_TO: Sender.optional().meta({
    example: "support@example.org",
    description: "Who gets the answers to them; MUSTER_MAIL_FROM when not set.",
  }),
  MUSTER_MAIL_UNSUBSCRIBE: z
    .url({ protocol: /^(https|mailto)$/, error: "must be an https or mailto address" })
    .regex(/^[^\s<>]+$/, { error: "must be an https or mailto address" })
    .max(500)
    .optional()
    .meta({
      example: "https://example.org/status/unsubscribe",
      description: "Where people leave these lists; a mail to whom they would answer when not set.",
    }),
};

export interface MailConfig {
  readonly url: string;
  readonly from: string;
  readonly replyTo?: string;
  readonly unsubscribe?: string;
}

type Parsed = z.infer<z.ZodObject<typeof mailEnvironment>>;

/** One half of a connection is no connection. */
export function mailProblems({ MUSTER_SMTP_URL: url, MUSTER_MAIL_FROM: from }: Parsed): string[] {
  if ((url === undefined) === (from === undefined)) return [];
  return [`${url === undefined ? "MUSTER_SMTP_URL" : "MUSTER_MAIL_FROM"} is missing for mail.`];
}

export function mailOf(data: Parsed): MailConfig | undefined {
  const { MUSTER_SMTP_URL: url, MUSTER_MAIL_FROM: from } = data;
  if (url === undefined || from === undefined) return undefined;
  const { MUSTER_MAIL_REPLY_TO: replyTo, MUSTER_MAIL_UNSUBSCRIBE: unsubscribe } = data;
  return Object.freeze({ url, from, ...(replyTo && { replyTo }), ...(unsubscribe && { unsubscribe }) });
}
